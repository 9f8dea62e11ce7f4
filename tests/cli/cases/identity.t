# Ids that must never change: results that people have would not be found again.
$ printf 'study: a\narchitecture: linear\n' > a.yaml; basin plan a.yaml --json | grep -o '"run_id": "[0-9a-f]*"'
> "run_id": "318b228068afa7de"

$ printf 'study: b\narchitecture: {type: mlp, hidden: [256, 128, 100]}\ndataset: fashion-mnist\ntraining: {optimizer: {type: adam, learning_rate: 1.0e-3}, schedule: cosine}\n' > b.yaml; basin plan b.yaml --json | grep -o '"run_id": "[0-9a-f]*"'
> "run_id": "2496b8bda23d281f"

$ basin plan b.yaml --set dataset.train_size=60000 --set dataset.test_size=10000 --set training.optimizer.learning_rate=1e-3 --set 'measures={weight_norm: {}}' --json | grep -o '"run_id": "[0-9a-f]*"'
> "run_id": "2496b8bda23d281f"

# A tracked measure is part of the id; that of hessian_top changed once, with the key `ends`, when its numbers did.
$ basin plan b.yaml --set regularizers.weight_decay=1 --set seed=3 --set 'measures={hessian_top: {every: 2}}' --json | grep -o '"run_id": "[0-9a-f]*"'
> "run_id": "c1b101940c084144"

$ basin plan b.yaml --set regularizers.weight_decay=1e0 --set seed=3 --set 'measures={margin: {}, hessian_top: {every: 2, k: 1}}' --json | grep -o '"run_id": "[0-9a-f]*"'
> "run_id": "c1b101940c084144"

# A regression's loss is mse, written or not.
$ printf 'study: d\narchitecture: linear\ndataset: linear-regression\nprecision: float64\n' > d.yaml; basin plan d.yaml --json | grep -o '"run_id": "[0-9a-f]*"'
> "run_id": "9acd6e10b8ab25a8"

$ basin plan d.yaml --set training.loss=mse --json | grep -o '"run_id": "[0-9a-f]*"'
> "run_id": "9acd6e10b8ab25a8"

# A smaller test_size took the first tests of the file. It takes the first of a permutation now, which is another run; the
# old one is named by test_order.
$ python3 $HERE/idx.py a; sed '/sweep/,$d' $HERE/idx.yaml > idx.yaml; basin plan idx.yaml --set dataset.test_size=4 --set dataset.test_order=file --json | grep -o '"run_id": "[0-9a-f]*"'
> "run_id": "669ef7eef1b34a7f"
2> note: data: every test example is a training example too: the test numbers say nothing of unseen data
$ basin run idx.yaml --set dataset.test_size=4 --set dataset.test_order=file -o old 2> /dev/null; basin table old -c run_id,test_loss,test_accuracy -f csv
> run_id,test_loss,test_accuracy
>~ 669ef7eef1b34a7f,0.67441*,0.5
$ basin plan idx.yaml --set dataset.test_size=4 --json | grep -o '"run_id": "[0-9a-f]*"'
> "run_id": "8a224f1b59bade3a"
2> note: data: every test example is a training example too: the test numbers say nothing of unseen data
$ for n in 10 all; do basin plan idx.yaml --set dataset.test_size=$n --set dataset.test_order=file --json; basin plan idx.yaml --set dataset.test_size=$n --json; done | grep -o '"run_id": "[0-9a-f]*"' | sort | uniq
> "run_id": "a98f5853132fe875"
2> note: data: every test example is a training example too: the test numbers say nothing of unseen data
2> note: data: every test example is a training example too: the test numbers say nothing of unseen data
2> note: data: every test example is a training example too: the test numbers say nothing of unseen data
2> note: dataset.test_order: file has no effect: all test examples are taken
2> note: data: every test example is a training example too: the test numbers say nothing of unseen data

# What is not concerned by a change of numbers keeps its id; what is gets another one, once.
$ basin plan b.yaml --set regularizers.weight_decay=1 --set seed=3 --set 'measures={hessian_trace: {every: 2}}' --json | grep -o '"run_id": "[0-9a-f]*"'
> "run_id": "c30915232bcc7757"

$ basin plan b.yaml --set architecture=lstm --json | grep -o '"run_id": "[0-9a-f]*"'
> "run_id": "2f9290280492c0a3"

$ basin plan b.yaml --set 'architecture={type: lstm, initializer: kaiming}' --json | grep -o '"run_id": "[0-9a-f]*"'
> "run_id": "d5ff08bc8e3b008d"
