"""Paired differences of one number and their exact sign-flip test: python3 sign_flip.py A.csv B.csv NUMBER CELL SEED

A plain second implementation: prints cell, pairs, mean difference, its 95 % interval and p of each cell."""
import csv
import itertools
import math
import sys

# Student's t at 0.975, by degrees of freedom, from a printed table.
T = {1: 12.7062047362, 2: 4.30265272991, 3: 3.18244630528, 4: 2.7764451052, 5: 2.57058183661, 6: 2.44691185114}

number, cell, seed = sys.argv[3:]
a, b = ({(row[cell], row[seed]): float(row[number]) for row in csv.DictReader(open(path))} for path in sys.argv[1:3])
for value in sorted({key[0] for key in a}):
    differences = [b[key] - a[key] for key in a if key[0] == value and key in b]
    total, count = sum(differences), len(differences)
    extreme = sum(abs(sum(sign * d for sign, d in zip(signs, differences))) >= abs(total) - 1e-12
                  for signs in itertools.product((1, -1), repeat=count))
    variance = sum((d - total / count) ** 2 for d in differences) / (count - 1)
    reach = T[count - 1] * math.sqrt(variance / count)
    print(value, count, *(f"{x:.8g}" for x in (total / count, total / count - reach, total / count + reach)), extreme / 2 ** count)
