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
