"""Networks for TorchScript, that make what they make in steps of several kinds."""

# torch's stubs leave much open.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportMissingImports=false, reportMissingTypeStubs=false, reportUnknownParameterType=false

import torch
from torch import Tensor, nn


class Open(nn.Module):
    """Four numbers, in steps that are done once each."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.first(x).mean((2, 3))


class Conditional(Open):
    """Only where there is something to be seen."""

    def forward(self, x: Tensor) -> Tensor:
        return self.first(x).mean((2, 3)).argmax(1) if bool(x.sum() > 0) else torch.zeros(1, dtype=torch.long)


class Repeated(Open):
    """Of one picture after the other."""

    def forward(self, x: Tensor) -> Tensor:
        found = torch.zeros(1, dtype=torch.long)
        for at in range(x.shape[0]):
            found = self.first(x[at : at + 1]).mean((2, 3)).argmax(1)
        return found


class Formed(Open):
    """Sparse on the way."""

    def forward(self, x: Tensor) -> Tensor:
        return self.first(x).mean((2, 3)).to_sparse().to_dense()


class Listed(nn.Module):
    """Of pictures in a list."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3)

    def forward(self, pictures: list[Tensor]) -> list[Tensor]:
        return [self.first(one).mean((2, 3)) for one in pictures]


class Words(nn.Module):
    """Of numbers of words."""

    def __init__(self) -> None:
        super().__init__()
        self.rows, self.last = nn.Embedding(20, 8), nn.Linear(8, 16)

    def forward(self, words: Tensor) -> Tensor:
        return self.last(self.rows(words.long()).mean(1))


class Along(nn.Module):
    """Of points, one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(3, 16, 1)

    def forward(self, points: Tensor) -> Tensor:
        return self.first(points).amax(2)


class AlongAndAcross(nn.Module):
    """Of points, and of a picture beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv1d(3, 16, 1), nn.Conv2d(3, 16, 3)

    def forward(self, points: Tensor, picture: Tensor) -> Tensor:
        return self.first(points).amax(2) + self.second(picture).mean((2, 3))


class Multiplied(nn.Module):
    """Of thirty numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(30, 16), nn.Linear(16, 2)

    def forward(self, numbers: Tensor) -> Tensor:
        return self.last(torch.relu(self.first(numbers)))
