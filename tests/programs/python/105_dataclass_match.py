from dataclasses import dataclass


@dataclass
class P:
    x: int
    y: int = 2


match P(1):
    case P(x=1, y=y):
        print('matched', y, P(1))
