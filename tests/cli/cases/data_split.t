# Test examples that are cut from one file: each number of them is another run, also where group rounds it.
$ python3 -c 'print("x,y,g"); [print(f"{i * 37 % 60 / 60},{i % 2},{i // 7}") for i in range(60)]' > a.csv; printf 'study: s\ndataset: {name: csv, path: a.csv, target: y, features: [x]}\narchitecture: linear\ntraining: {epochs: 1}\n' > s.yaml; basin run s.yaml -o a --set sweep.grid='{dataset.test_size: [10, 20, 30]}' 2>/dev/null; basin table a -f csv -c test_loss | sort -u | wc -l
> 4

# All that is left to train on, as a number and as `all`, is one run; where groups stay whole they leave other examples out.
$ basin check s.yaml --set dataset.test_fraction=0.25 --set sweep.grid='{dataset.train_size: [45, all]}' 2>&1 | grep -c 'equals another'
> 1
$ basin run s.yaml -o b --set dataset.group=g --set dataset.test_size=12 --set dataset.validation_size=12 --set sweep.grid='{dataset.train_size: [34, all]}' 2>/dev/null; basin table b -f csv -c train_loss | sort -u | wc -l
> 3

# With groups, the seed of the data decides whether whole ones can be set aside: each seed is looked at.
$ python3 -c 'print("x,y,g"); [print(f"{i * 37 % 60 / 60},{i % 2},{max(0, i // 15 - 1)}") for i in range(60)]' > g.csv; sed 's/path: a.csv/path: g.csv, group: g, train_size: 20, validation_size: 10, test_size: 12/' s.yaml > g.yaml; basin check g.yaml; basin check g.yaml --set sweep.grid='{dataset.seed: [0, 1]}'
> g.yaml: study s, 1 run, no errors
>   data: 20 training, 15 validation and 15 test examples of 1 float64; 2 classes, labels 0 to 1; target "y"
2> note: data: groups stay whole, so that 15 examples validate where 10 were asked for
2> note: data: groups stay whole, so that 15 examples test where 12 were asked for
2> g.yaml:2:*: error: dataset.group: data set csv: the groups are too few, or too large, to set whole ones aside for validation; set fewer examples aside, or leave group out
2>...
exit 2

# Classes that no example has any more stay classes in the file of the data, first ones and last ones.
$ python3 -c 'print("x,y"); [print(f"{i * 37 % 60 / 60},{i // 12}") for i in range(60)]' > c.csv; printf 'study: s\ndataset: {name: csv, path: c.csv, target: y, train_size: 3, test_size: 3, seed: 5}\narchitecture: linear\ntraining: {epochs: 1}\n' > c.yaml; basin data c.yaml -o c.h5 2>/dev/null; printf 'study: s\ndataset: {name: hdf5, path: c.h5}\narchitecture: linear\ntraining: {epochs: 1}\n' > r.yaml; for s in c r; do basin run $s.yaml -o $s 2>/dev/null; basin table $s -f csv -c parameters,train_loss,test_loss > $s-table; done; cmp c-table r-table; basin check r.yaml 2>/dev/null
> 3 training and 3 test examples of 1 float64; 5 classes, labels 1 to 3; target "y"
> Read them with  dataset: {name: hdf5, path: c.h5}
> r.yaml: study s, 1 run, no errors
>   data: 3 training and 3 test examples of 1 float64; 5 classes, labels 1 to 3

# Keys that say nothing about these data.
$ sed 's/train_size: 3, test_size: 3/test_fraction: 0.2, test_order: file/' c.yaml > e.yaml; basin check e.yaml; sed 's/path: c.h5/path: c.h5, stratify: true, test_order: file/' r.yaml > f.yaml; basin check f.yaml; basin check e.yaml --set 'dataset.classes=[1]' --set dataset.task=regression
> e.yaml: study s, 1 run, no errors
>   data: 48 training and 12 test examples of 1 float64; 5 classes, labels 0 to 4; target "y"
> f.yaml: study s, 1 run, no errors
>   data: 3 training and 3 test examples of 1 float64; 5 classes, labels 1 to 3
2> note: dataset.test_order: file has no effect: test examples are cut from the training data, after a permutation
2> note: data: no training example has classes 0, 4, of 5
2> note: data: the test examples have class 2, which no training example has (1 of 3 test examples)
2> note: dataset.stratify: true has no effect: all examples are used, and none are set aside
2> note: dataset.test_order: file has no effect: all test examples are taken
2> *error: dataset.classes: */c.csv, column "y": holds regression targets, and classes lists labels; leave classes out; or, if y is whole numbers that name classes, write task: classification*
2>...
exit 3

# Names of classes that would read as two, or as none, stand in quotes.
$ python3 -c 'print("x,y"); [print(f"{i}," + ["\"a, b\"", "no", "yes", "1", "é"][i % 5]) for i in range(20)]' > n.csv; sed 's/c.csv/n.csv, categorical: [y]/' e.yaml > n.yaml; basin check n.yaml --set dataset.test_order=null; basin check n.yaml --set dataset.test_order=null --set 'dataset.classes=["yes", "a, b", "no"]'; basin check n.yaml --set dataset.test_order=null --set sweep.grid='{dataset.classes: [["yes", "1"], ["1", "no", é]]}'
> n.yaml: study s, 1 run, no errors
>   data: 16 training and 4 test examples of 1 float64; 5 classes (1, "a, b", no, yes, é); target "y"
> n.yaml: study s, 1 run, no errors
>   data: 10 training and 2 test examples of 1 float64; 3 classes (yes, "a, b", no); target "y"
> n.yaml: study s, 2 runs, no errors
>   data: 6 training and 2 test examples of 1 float64; 2 classes (yes, 1); target "y"
>   data: 10 training and 2 test examples of 1 float64; 3 classes (1, no, é); target "y"
2>...

# What sorting the labels takes is memory too.
$ python3 -c 'print("x,y"); [print(f"{i % 7},{i % 3}") for i in range(100000)]' > m.csv; sed 's/c.csv/m.csv/; s/, test_order: file//' e.yaml > m.yaml; basin run m.yaml --memory 6M -o m
2> *error: dataset.path: */m.csv: reading its examples and labels takes 11 MiB of memory, and there is room for 6.0 MiB; raise --memory, or make a smaller file*
2>...
exit 3

# Few groups, and large ones: how many examples they make of a part is said.
$ python3 -c "print('g,x,y'); [print(i // 25, i, i % 2, sep=chr(44)) for i in range(100)]" > few.csv; printf 'study: s\ndataset: {name: csv, path: few.csv, group: g, test_size: 10, validation_size: 20}\narchitecture: linear\ntraining: {epochs: 1}\n' > few.yaml; basin check few.yaml 2>&1 | grep -v 'x.*counts'
> note: data: groups stay whole, so that 25 examples validate where 20 were asked for
> note: data: groups stay whole, so that 25 examples test where 10 were asked for
> few.yaml: study s, 1 run, no errors
>   data: 50 training, 25 validation and 25 test examples of 1 float64; 2 classes, labels 0 to 1; target "y"
