import difflib, string, textwrap
print(textwrap.fill("The quick brown fox jumps over the lazy dog. " * 2, 30, initial_indent="* ", subsequent_indent="  "))
print("\n".join(difflib.unified_diff("a b c".split(), "a x c".split(), lineterm="")), string.Template("$who is ${n}").substitute(who="Bob", n=3))
print(difflib.get_close_matches("appel", ["ape", "apple", "peach"]))
