def check(rows):
    errors = []
    for n, row in enumerate(rows):
        try: int(row)
        except ValueError as error: error.add_note(f"row {n}"); errors.append(error)
    if errors: raise ExceptionGroup("bad rows", errors)
check(["1", "x", "2", "y"])
