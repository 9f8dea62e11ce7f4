"""No two functions of src/ have the same name: python3 names.py ROOT

A static function may share its name with one of another file as far as C is concerned, but then neither grep nor a
debugger finds it. The name of a template's function is what stands inside LOCAL(...) or NAME(...). The same name twice in
one file is an alternative under #if, or the compiler's business.

Relies on the layout of clang-format: a definition starts in the first column, and its `{` has a line of its own.
"""
import collections
import pathlib
import re
import sys

DEFINITION = re.compile(
    r"^(?!typedef|return|else)(?:\w[\w \t*\n]*?[\s*])?((?:LOCAL|NAME)\(\w+\)|\w+)\([^;{}]*\)\n\{", re.MULTILINE
)


def main():
    root = pathlib.Path(sys.argv[1])
    places = collections.defaultdict(dict)
    for path in sorted((root / "src").rglob("*.[ch]")):
        text = path.read_text()
        for found in DEFINITION.finditer(text):
            if found[1].isupper():  # a macro that makes a function
                continue
            line = text.count("\n", 0, found.start(1)) + 1
            places[found[1]][path] = f"{path.relative_to(root)}:{line}"
    doubles = {name: where.values() for name, where in places.items() if len(where) > 1}
    for name, where in sorted(doubles.items()):
        print(f"{name} is defined in {len(where)} files: " + ", ".join(where))
    print(f"{len(places)} functions, {len(doubles)} names in more than one file")
    return 1 if doubles or not places else 0


sys.exit(main())
