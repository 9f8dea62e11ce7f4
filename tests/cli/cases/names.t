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
> architecture.type  learning_rate
> linear                       0.1
> linear                       0.2
> mlp                          0.1
> mlp                          0.2

# The latest run of the study says what they are called.
$ basin run named.yaml -o r 2> /dev/null; basin table r -c run_id,architecture,rate,replicate
>~ run_id    model                     rate  replicate
>~ ????????  linear                     0.1          0
>~ ????????  linear                     0.2          0
>~ ????????  {type: mlp, hidden: [8]}   0.1          0
>~ ????????  {type: mlp, hidden: [8]}   0.2          0

# One result that is run again in its study's folder renames nothing.
$ basin run "$(ls r/runs/*.h5 | head -1)" -o r 2> /dev/null; basin table r -c rate | tail -1 | tr -d ' '
> 0.2

# A block with a name has a column of its own in place of its keys; programs get both, and by its name what people read.
$ basin table r | head -1; basin table r -f csv -c model,rate,architecture.type; basin table r --json | python3 -c "import json, sys; rows = json.load(sys.stdin); print([k for k in rows[2] if k.startswith('arch') or k in ('model', 'rate')][:3], rows[2]['model']['hidden'])"
>~ run_id    status    model *rate  replicate  train_accuracy  *
> model,rate,architecture.type
> linear,0.1,linear
> linear,0.2,linear
> "{type: mlp, hidden: [8]}",0.1,mlp
> "{type: mlp, hidden: [8]}",0.2,mlp
> ['model', 'architecture.type', 'architecture.hidden'] [8]
# A block that is swept as a whole is selected by what the table prints of it, or by its variant.
$ printf 'study: o\ndataset: {name: mnist1d, train_size: 40, test_size: 20}\narchitecture: linear\ntraining: {epochs: 1}\nsweep:\n  grid: {training.optimizer: [{type: adam}, {type: sgd}], training.optimizer.momentum: [0.5, 0.9]}\n  when: {training.optimizer.momentum: {training.optimizer: sgd}}\n  names: {training.optimizer: opt}\n' > o.yaml; basin run o.yaml -o o 2> /dev/null; for where in 'opt = adam' 'opt = {type: sgd, momentum: 0.9}' 'opt != sgd' 'opt = sgd and momentum < 0.7'; do basin table o --where "$where" -c opt | tail -n +2; done
> adam
> {type: sgd, momentum: 0.9}
> adam
> {type: sgd, momentum: 0.5}
# What only some runs have of the sweep tells them apart; the others have it from the file or by default, or have no such thing.
$ printf 'study: u\ndataset: {name: mnist1d, train_size: 40, test_size: 20}\narchitecture: {type: mlp, hidden: [8]}\ntraining: {epochs: 3}\nsweep:\n  union:\n    - grid: {training.optimizer.learning_rate: [0.1, 0.01]}\n    - list: [{training.epochs: 5}, {training.optimizer: adam, training.optimizer.beta1: 0.8}]\n' > u.yaml; basin plan u.yaml | sed -n '/^run_id/,$p' | cut -c 19-88; basin run u.yaml -o u 2>&1 | grep -o '[a-z_0-9]*=[^ ]* .*test_acc' | sort
>~ reason  learning_rate  epochs  optimizer * beta1*
>~ new               0.1       3  sgd * -*
>~ new              0.01       3  {type: sgd, learning_rate: 0.01} * -*
>~ new               0.1       5  sgd * -*
>~ new             0.001       3  adam * 0.8*
> epochs=5  test_acc
> learning_rate=0.01  test_acc
> learning_rate=0.1  test_acc
> optimizer=adam beta1=0.8  test_acc

# A key that is swept inside a named block keeps its column, and what is printed above a column is taken everywhere.
$ printf 'study: m\ndataset: {name: mnist1d, train_size: 40, test_size: 20}\narchitecture: linear\ntraining: {epochs: 1}\nsweep:\n  grid: {training.optimizer: [{type: adam}, {type: sgd}], training.optimizer.momentum: [0.5, 0.9]}\n  when: {training.optimizer.momentum: {training.optimizer: sgd}}\n  names: {training.optimizer: opt}\n' > m.yaml; basin run m.yaml -o m 2> /dev/null; basin table m; basin table m -f csv | head -1 | cut -d, -f 3-6
>~ run_id * opt * seed  momentum *
>~ * adam * - *
>~ * {type: sgd, momentum: 0.5} * 0.5 *
>~ * {type: sgd, momentum: 0.9} * 0.9 *
>
>~ not shown: train_loss, *
> opt,training.optimizer.type,training.optimizer.learning_rate,training.optimizer.beta1
$ for name in $(basin table m | head -1) $(basin table m -f csv | head -1 | tr , ' '); do basin table m -c $name -w "$name = null" -s $name > /dev/null 2> err || cat err; done; basin table m --over seed -c opt,seeds -s opt
> opt                         seeds
> adam                            1
> {type: sgd, momentum: 0.5}      1
> {type: sgd, momentum: 0.9}      1

# What is averaged over is taken out of the label of the block that holds it; what no column shows is told.
$ basin table m --over momentum,seed -c type,test_loss_sd,runs | cut -c1-6; basin table m --over opt -c runs; basin table m --mean -c seeds; basin table m --mean -c opt,seeds; basin table m --mean -c seed
> type  
> adam  
> sgd   
> runs
>    3
> seeds
>     1
>     1
>     1
> opt                         seeds
> adam                            1
> {type: sgd, momentum: 0.5}      1
> {type: sgd, momentum: 0.9}      1
2> note: the rows also differ in opt, momentum, which no column shows
2> basin: error: means have no column "seed": it is of single runs, or what the means are taken over
2>   hint: --over says what means are taken over; without --mean and --over each run is a row
exit 2

# What a named block says, its keys need not repeat, also where it is always the same kind; a key that is an axis itself is shown.
$ printf 'study: q\ndataset: {name: mnist1d, train_size: 40, test_size: 20}\narchitecture: linear\ntraining: {epochs: 1}\nsweep:\n  grid: {architecture: [mlp, {type: mlp, hidden: [4, 4]}]}\n  names: {architecture: network}\n' > q.yaml; basin run q.yaml -o q 2> /dev/null; basin table q | head -1 | tr -s ' '
> run_id status network seed train_accuracy test_accuracy accuracy_gap loss_gap
