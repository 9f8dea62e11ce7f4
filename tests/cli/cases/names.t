# Axes with names of their own: in plans, lines of runs and tables; no run is another by it.
$ printf 'study: n\ndataset: {name: mnist1d, train_size: 40, test_size: 20}\narchitecture: linear\ntraining: {epochs: 1, batch_size: 20}\nsweep:\n  grid:\n    architecture: [linear, {type: mlp, hidden: [8]}]\n    training.optimizer.learning_rate: [0.1, 0.2]\n' > n.yaml; (cat n.yaml; echo '  names: {architecture: model, training.optimizer.learning_rate: rate, seed: replicate}') > named.yaml; basin plan named.yaml -o r | sed -n '/^axes/,$p'
> axes
>   model = architecture                       2  linear, {type: mlp, hidden: [8]}
>   rate = training.optimizer.learning_rate    2  0.1, 0.2
>
>~ run_id            reason  model *rate  parameters *
>~ ????????????????  new     linear *0.1 *
>~ ????????????????  new     linear *0.2 *
>~ ????????????????  new     {type: mlp, hidden: [8]} *0.1 *
>~ ????????????????  new     {type: mlp, hidden: [8]} *0.2 *

$ basin run n.yaml -o r 2>&1 | grep -c 'architecture=linear learning_rate=0.1'; basin table r -c architecture.type,learning_rate
> 1
> type    learning_rate
> linear            0.1
> linear            0.2
> mlp               0.1
> mlp               0.2

# The latest run of the study says what they are called.
$ basin run named.yaml -o r 2> /dev/null; basin table r -c run_id,architecture,rate,replicate
>~ run_id    model                     rate  replicate
>~ ????????  linear                     0.1          0
>~ ????????  linear                     0.2          0
>~ ????????  {type: mlp, hidden: [8]}   0.1          0
>~ ????????  {type: mlp, hidden: [8]}   0.2          0

# A block with a name has a column of its own in place of its keys; programs get both, and by its name what people read.
$ basin table r | head -1; basin table r -f csv -c model,rate,architecture.type; basin table r --json | python3 -c "import json, sys; rows = json.load(sys.stdin); print([k for k in rows[2] if k.startswith('arch') or k in ('model', 'rate')][:3], rows[2]['architecture']['hidden'])"
>~ run_id    status    model *rate  replicate  train_accuracy  *
> model,rate,architecture.type
> linear,0.1,linear
> linear,0.2,linear
> "{type: mlp, hidden: [8]}",0.1,mlp
> "{type: mlp, hidden: [8]}",0.2,mlp
> ['architecture', 'architecture.type', 'architecture.hidden'] [8]
