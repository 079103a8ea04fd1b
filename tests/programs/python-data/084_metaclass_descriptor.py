class Field:
    def __set_name__(self, owner, name): self.name = name
    def __get__(self, obj, owner=None): return self if obj is None else obj.__dict__[self.name]
    def __set__(self, obj, value):
        if value < 0: raise ValueError(f"{self.name} must be positive")
        obj.__dict__[self.name] = value
class Meta(type):
    def __new__(cls, name, bases, space): space["made_by"] = cls.__name__; return super().__new__(cls, name, bases, space)
class Box(metaclass=Meta): size = Field()
box = Box(); box.size = 3; print(box.size, Box.made_by, type(Box))
box.size = -1
