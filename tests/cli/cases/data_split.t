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
2> g.yaml:2:*: error: dataset.group: data set csv: the groups are too few, or too large, to set whole ones aside for validation; set fewer examples aside, or leave group out
2>...
exit 2
