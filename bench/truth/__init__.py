"""How often what we say is right, and what withstands what: on labelled clips, faces, models, programs and ledgers."""
