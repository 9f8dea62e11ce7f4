"""Are means and deviations of --group-by those of the runs? python3 group_means.py RUNS.csv MEANS.csv KEY NUMBER"""
import csv
import math
import sys

runs, means = ([*csv.DictReader(open(path))] for path in sys.argv[1:3])
key, number = sys.argv[3:]
for row in means:
    group = [float(run[number]) for run in runs if run[key] == row[key]]
    mean = math.fsum(group) / len(group)
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in group) / (len(group) - 1))
    good = [abs(float(row[number]) - mean) < 1e-12, abs(float(row[number + "_sd"]) - deviation) < 1e-12]
    print(row[key], row["runs"], len(group), *good)
