"""Writes the CSV files that the manual names to the current folder."""
import gzip

COLOURS = "red", "green", "blue"
with open("houses.csv", "w", encoding="utf-8") as file:
    file.write("id,size,colour,price\n")
    for i in range(40):
        file.write(f"{i},{i * 37 % 41 / 4},{COLOURS[i % 3]},{i % 7 + 0.5}\n")
with gzip.open("train.csv.gz", "wt") as file:
    file.write(",".join(["label"] + [f"pixel{i}" for i in range(784)]) + "\n")
    for i in range(40):
        file.write(",".join(str(k) for k in [i % 10] + [(37 * i + i * i * (k + 1)) % 256 for k in range(784)]) + "\n")
