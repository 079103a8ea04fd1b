from dataclasses import asdict, dataclass, field, replace
from typing import Protocol, get_type_hints
@dataclass(order=True, frozen=True)
class Item:
    price: float
    name: str = field(compare=False)
    tags: list[str] = field(default_factory=list, compare=False)
a = Item(2.5, "nut")
print(sorted([a, replace(a, price=1)]), asdict(a), get_type_hints(Item)["tags"])
a.price = 3
