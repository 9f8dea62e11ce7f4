"""Paired differences of one number and their exact sign-flip test: python3 sign_flip.py A.csv B.csv NUMBER CELL SEED

A plain second implementation: prints cell, pairs, mean difference and p of each cell."""
import csv
import itertools
import sys

number, cell, seed = sys.argv[3:]
a, b = ({(row[cell], row[seed]): float(row[number]) for row in csv.DictReader(open(path))} for path in sys.argv[1:3])
for value in sorted({key[0] for key in a}):
    differences = [b[key] - a[key] for key in a if key[0] == value and key in b]
    total, count = sum(differences), len(differences)
    extreme = sum(abs(sum(sign * d for sign, d in zip(signs, differences))) >= abs(total) - 1e-12
                  for signs in itertools.product((1, -1), repeat=count))
    print(value, count, f"{total / count:.10g}", extreme / 2 ** count)
