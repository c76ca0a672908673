"""A model that could not be identified, learned from what a program does with it."""

from ..calls.taps.arguments import its_arrays
from ..identity import Evidence, Passive


def learn(passive: Passive, inputs: object, outputs: object) -> Evidence | None:
    """Take in one call of a model: the first of its inputs that is a batch of pictures, and the first of its outputs
    that holds a vector for each.

    Args:
        passive: what the model has shown so far.
        inputs: what went in: arrays, in whatever nest; what is none is passed over.
        outputs: what came out, likewise.

    Returns:
        What its calls show for a recogniser; None while that is too little.
    """
    batch = next((array for array in its_arrays(inputs) if array.ndim == 4), None)
    if batch is None:
        return None
    vectors = next((array for array in its_arrays(outputs) if passive.takes(batch, array)), None)
    if vectors is None:
        return None
    passive.see(batch, vectors)
    return passive.evidence()
