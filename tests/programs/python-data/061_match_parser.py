import ast
def run(node):
    match node:
        case ast.Expression(body): return run(body)
        case ast.Constant(value): return value
        case ast.BinOp(left, ast.Add(), right): return run(left) + run(right)
        case ast.BinOp(left, ast.Mult(), right): return run(left) * run(right)
        case ast.UnaryOp(ast.USub(), value): return -run(value)
        case _: raise SyntaxError(f"not allowed: {ast.unparse(node)}")
print(run(ast.parse("2 + 3 * -(4 + 1)", mode="eval")))
print(run(ast.parse("__import__('os')", mode="eval")))
