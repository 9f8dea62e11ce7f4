# Small odd CSV files: what they are read as, or why they are refused.
$ python3 $HERE/csv_odd.py
> plain: data: 1 training and 1 test examples of 2 float64; 2 classes (cat, dog); target "y"
> mark of UTF-8, CRLF: data: 1 training and 1 test examples of 2 float64; 2 classes (cat, dog); target "y"
> CR alone: data: 1 training and 1 test examples of 2 float64; 2 classes (cat, dog); target "y"
> no newline at the end: data: 1 training and 1 test examples of 2 float64; 2 classes (cat, dog); target "y"
> empty lines: data: 1 training and 1 test examples of 2 float64; 2 classes (cat, dog); target "y"
> spaces around cells: data: 1 training and 1 test examples of 2 float64; 2 classes (cat, dog); target "y"
> separators at the ends: data: 1 training and 1 test examples of 2 float64; 2 classes (cat, dog); target "y"
> all in quotes: data: 1 training and 1 test examples of 2 float64; 2 classes (x\ny, "z,"); target "y\n"
> gzip: data: 1 training and 1 test examples of 2 float64; 2 classes (cat, dog); target "y"
> semicolons, decimal commas: data: 1 training and 1 test examples of 2 float64; 1 target, 0.5 to 10; target "y"
> tabs: data: 1 training and 1 test examples of 2 float64; 2 classes (cat, dog); target "y"
> spaces: data: 1 training and 1 test examples of 2 float64; 2 classes (cat, dog); target "y"
> pipes, single quotes: data: 1 training and 1 test examples of 1 float64; 2 classes (x|y, z); target "y"
> no header: data: 1 training and 1 test examples of 2 float64; 2 classes, labels 0 to 1; target "column 3"
> names that count: data: 1 training and 1 test examples of 2 float64; 2 classes, labels 0 to 1; target "2"
> booleans: data: 1 training and 1 test examples of 1 float64; 2 classes, labels 0 to 1; target "y"
> one-hot targets: data: 1 training and 1 test examples of 1 float64; 2 classes, labels 0 to 1; target "no, yes"
> rows dropped: data: 1 training and 1 test examples of 1 float64; 2 classes, labels 0 to 1; target "y"; 2 of 4 rows left out, which lack values
> means: data: 2 training and 1 test examples of 3 float64; 2 classes, labels 0 to 1; target "y"; 1 column of texts; 2 missing values are means
> bytes as images: data: 1 training and 1 test examples of 2 x 2 bytes; 2 classes, labels 0 to 1; target "y"
> categories by number: data: 2 training and 1 test examples of 3 float64; 2 classes, labels 0 to 1; target "y"; 1 column of texts
> largest and smallest floats: data: 1 training and 1 test examples of 1 float64; 1 target, -1 to 0.5; target "y"
> empty: dataset.path: f.csv is empty; see "Your own data" in experiments/README.md
> header only: dataset.path: f.csv has no rows below its header; see "Your own data" in experiments/README.md
> one column: dataset.path: f.csv, line 1: there is only one column, but features and a target are needed; see "Your own data" in experiments/README.md
> comment: dataset.path: f.csv, line 1: there is only one column, but features and a target are needed; comments are not read: remove lines that begin with #; see "Your own data" in experiments/README.md
> another separator: dataset.separator: f.csv, line 1: there is only one column, but features and a target are needed; write `separator: semicolon` where that is what separates the cells; see "Your own data" in experiments/README.md
> UTF-16: dataset.path: f.csv, line 1: the file is UTF-16 (by its byte order mark), not UTF-8; where it is UTF-16, convert it first: iconv -f UTF-16 -t UTF-8 FILE > NEW.csv; see "Your own data" in experiments/README.md
> UTF-16 without a mark: dataset.path: f.csv, line 1: there is a zero byte, so the file is no text in UTF-8; where it is UTF-16, convert it first: iconv -f UTF-16 -t UTF-8 FILE > NEW.csv; see "Your own data" in experiments/README.md
> zero byte: dataset.path: f.csv, line 3: there is a zero byte, so the file is no text in UTF-8; where it is UTF-16, convert it first: iconv -f UTF-16 -t UTF-8 FILE > NEW.csv; see "Your own data" in experiments/README.md
> Latin-1: dataset.path: f.csv, line 3: column "y": "ch�vre" is not valid UTF-8; convert the file: iconv -f ISO-8859-1 -t UTF-8 FILE > NEW.csv; see "Your own data" in experiments/README.md
> Latin-1 name: dataset.path: f.csv, line 1: the name of a column is not valid UTF-8: "�"; convert the file: iconv -f ISO-8859-1 -t UTF-8 FILE > NEW.csv; see "Your own data" in experiments/README.md
> a spreadsheet: dataset.path: f.csv, line 1: the file is a ZIP archive, as spreadsheets are, not CSV; save the table as CSV in the program that made it; see "Your own data" in experiments/README.md
> row too short: dataset.path: f.csv, line 4: the row has 2 cells, but there are 3 columns; see "Your own data" in experiments/README.md
> row too long: dataset.path: f.csv, line 4: the row has 4 cells, but there are 3 columns; a cell that holds the separator needs quotes around it; see "Your own data" in experiments/README.md
> quote inside a cell: dataset.path: f.csv, line 4: a quote (") stands inside a cell, not around it; inside a cell in quotes a quote is written twice; where quotes are plain characters, write `quote: none`; look at `separator` too; see "Your own data" in experiments/README.md
> quote never closed: dataset.path: f.csv, line 4: a quote (") is opened and never closed; see "Your own data" in experiments/README.md
> missing value: dataset.missing: f.csv, line 4: column "b": the value is missing; write `missing: drop` to leave such rows out, or, for features, `missing: mean`; see "Your own data" in experiments/README.md
> missing target: dataset.missing: f.csv, line 4: column "y": "NA" means that the value is missing; `missing: mean` is for features; leave such rows out by `missing: drop`; see "Your own data" in experiments/README.md
> each row lacks something: dataset.path: f.csv: each of its 2 rows lacks a value, so that none is left; see "Your own data" in experiments/README.md
> column without values: dataset.missing: f.csv: all values of "a" are missing, so that they have no mean; exclude the column; see "Your own data" in experiments/README.md
> hexadecimal: dataset.path: f.csv, line 4: column "a": "0x10" is no number; hexadecimal numbers are not read: write it in decimal; see "Your own data" in experiments/README.md
> underscores: dataset.path: f.csv, line 2: column "a": "1_000" is no number; write numbers without separators of thousands; see "Your own data" in experiments/README.md
> thousands: dataset.path: f.csv, line 2: column "a": "1.234,5" is no number; write numbers without separators of thousands; see "Your own data" in experiments/README.md
> decimal commas: dataset.path: f.csv, line 2: column "a": "1,5" is no number; decimals are written with a point here: give `decimal: comma`, or leave out commas that separate thousands; see "Your own data" in experiments/README.md
> decimal points: dataset.path: f.csv, line 2: column "a": "1.5" is no number; decimals are written with a comma here: give `decimal: point`, or leave out points that separate thousands; see "Your own data" in experiments/README.md
> beyond float64: dataset.path: f.csv, line 2: column "a": "1e309" is no number; it is beyond the range of a 64-bit float; see "Your own data" in experiments/README.md
> beyond float32: dataset.type: f.csv, line 2: column "a": "1e39" is beyond the range of `type: float32`; write `type: float64`, which is the default; see "Your own data" in experiments/README.md
> infinite: dataset.path: f.csv, line 2: column "a": "inf" is no number; it is not a finite number: where it means that there is no value, add it to `missing_texts`; see "Your own data" in experiments/README.md
> percent: dataset.path: f.csv, line 2: column "a": "12%" is no number; write numbers without % and $; see "Your own data" in experiments/README.md
> number among texts: dataset.path: f.csv, line 3: column "a": "7" is a number, but "red" on line 2 is none; add the text to `missing_texts` where it means that there is no value; write `categorical: [a]` to read numbers as texts too, or exclude the column; see "Your own data" in experiments/README.md
> text among numbers: dataset.path: f.csv, line 3: column "a": "red" is no number, but "7" on line 2 is one; add the text to `missing_texts` where it means that there is no value; write `categorical: [a]` to read numbers as texts too, or exclude the column; see "Your own data" in experiments/README.md
> header that is data: dataset.header: f.csv, line 1: the first line should name the columns, but "5.1" is a number; write `header: false` where the first line is data already, or give the columns other names; see "Your own data" in experiments/README.md
> header of texts that is data: dataset.header: f.csv, line 1: the first line should name the columns, but "private" is a value of its column too; write `header: false` where the first line is data already, or give the columns other names; see "Your own data" in experiments/README.md
> data that are a header: dataset.path: f.csv, line 2: column 1: "1" is a number, but "a" on line 1 is none; write `header: true` where the first line names the columns; see "Your own data" in experiments/README.md
> same names: dataset.path: f.csv, line 1: two columns are called "a"; rename one of them; see "Your own data" in experiments/README.md
> numbers of rows without a name: dataset.exclude: f.csv, line 1: column 1 has no name; where it only numbers the rows, as pandas does, write `exclude: [1]`; else give it a name; see "Your own data" in experiments/README.md
> 256 as a byte: dataset.type: f.csv, line 2: column "a": "256" is no whole number of 0 to 255, as `type: uint8` wants; write `type: float64`, which is the default; see "Your own data" in experiments/README.md
> text as a byte: dataset.path: f.csv, line 2: column "a": "red" is a text, and `type: uint8` wants numbers; write `type: float64`, or exclude the column; see "Your own data" in experiments/README.md
> shape of another size: dataset.shape: f.csv has 2 features, and the shape does not have as many elements
> unknown target: dataset.target: f.csv has no column "species"; its columns are "a", "b", "y"
> nearly known target: dataset.target: f.csv has no column "prize"; did you mean "price"?
> number beyond the columns: dataset.target: f.csv has no column "4"; there are 3 columns, numbered from 1
> target and targets: dataset.target: give either `target` or `targets`, not both
> texts in several targets: dataset.targets: column "y": "cat" in f.csv is a text, but several targets are numbers; give one `target` where it is a class
> feature is the target: dataset.features: column "a": is a target already
> nothing left: dataset.exclude: f.csv, line 1: no column is left as a feature; see "Your own data" in experiments/README.md
> unknown separator: dataset.separator: expected comma, semicolon, tab, pipe, space or one character, found "dots"
> separator is the quote: dataset.quote: separator and quote are the same character
> identifiers: dataset.exclude: f.csv, line 1002: column "id": there are more than 1000 different texts; each text would be a feature of its own: leave names and identifiers out by `exclude: [id]`; see "Your own data" in experiments/README.md
> gigantic cell: dataset.path: f.csv, line 4: a cell has more than 1048576 bytes; a quote that is never closed makes one cell of all that follows: look at the quotes from this line on; see "Your own data" in experiments/README.md
> gigantic row: dataset.path: f.csv, line 4: the row has more than 1048576 cells; see "Your own data" in experiments/README.md
> empty lines without end, gzipped: dataset.path: f.csv, line 1000005: there are more than 1000000 empty lines; see "Your own data" in experiments/README.md
> one cell without end, gzipped: dataset.path: f.csv, line 4: a cell has more than 1048576 bytes; a quote that is never closed makes one cell of all that follows: look at the quotes from this line on; see "Your own data" in experiments/README.md
> spaces without end, gzipped: dataset.path: f.csv, line 4: the row has more than 67108864 bytes; see "Your own data" in experiments/README.md
>~ gzip cut off: dataset.path: f.csv: the file ends early (byte * of the file, * of its uncompressed content); see "Your own data" in experiments/README.md
>~ gzip with a wrong byte: dataset.path: f.csv: the gzip data are damaged (byte * of the file, * of its uncompressed content); see "Your own data" in experiments/README.md
>~ bytes behind gzip: dataset.path: f.csv: there are bytes behind the end of the gzip data (byte * of the file, * of its uncompressed content); see "Your own data" in experiments/README.md
