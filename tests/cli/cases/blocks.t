# Sweeps of whole blocks and of lists of layers: people see what differs from the defaults, programs every value.
$ basin plan $HERE/blocks.yaml | tail -6 | sed 's/  */ /g; s/^[^ ]* new //; s/ [0-9.]\+ .*//'
> mlp sgd
> mlp {type: adam, learning_rate: 0.01}
> {type: cnn, channels: [4]} sgd
> {type: cnn, channels: [4]} {type: adam, learning_rate: 0.01}
> {type: sequential, layers: [conv: {channels: 4, stride: 2}, relu, batch_norm, flatten]} sgd
> {type: sequential, layers: [conv: {channels: 4, stride: 2}, relu, batch_norm, flatten]} {type: adam, learning_rate: 0.01}

$ basin plan $HERE/blocks.yaml --json | python3 -c "import json, sys; print(json.load(sys.stdin)['runs'][4]['architecture']['layers'][1:])"
> [{'relu': {}}, {'batch_norm': {'epsilon': 1e-05, 'momentum': 0.1, 'affine': True}}, {'flatten': {}}]

$ basin run $HERE/blocks.yaml -o b -j 1
2> study blocks: 6 runs, 1 at a time, into b
2> [1/6] *
2> [2/6] *
2> [3/6] *  architecture=mlp optimizer=sgd  test_accuracy *
2> [4/6] *  architecture=mlp optimizer={type: adam, learning_rate: 0.01}  test_accuracy *
2> [5/6] *  architecture={type: sequential, layers: [conv: {channels: 4, stride: 2}, relu, batch_norm, flatten]} optimizer=sgd  test_accuracy *
2> [6/6] *
2> 6 runs finished in *
2> Next: basin table b

# Of the keys that some variants lack only those stand in a table that somebody set.
$ basin table b -w 'optimizer.type = adam'
>~ run_id    status    architecture.type  training.optimizer.type  learning_rate  seed * channels * layers * train_accuracy *
>~ *  cnn *  [4]  *  -  *
>~ *  mlp *  -  *  -  *
>~ *  sequential *  -  *[conv: {channels: 4, stride: 2}, relu, batch_norm, flatten]  *
>
>~ not shown: train_loss, *

$ basin table b -f csv -w 'architecture.type = sequential and optimizer.type = sgd' | cut -d, -f 3-7 | head -1
> architecture.type,architecture.hidden,architecture.activation,architecture.residual,training.optimizer.type

$ basin table b -f csv -c architecture.layers -w 'architecture.type = sequential and optimizer.type = sgd' | tail -1
> "[{""conv"": {""channels"": 4, ""kernel"": 3, ""stride"": 2, ""padding"": 0, ""dilation"": 1, ""groups"": 1, ""bias"": true}}, {""relu"": {}}, {""batch_norm"": {""epsilon"": 1e-5, ""momentum"": 0.1, ""affine"": true}}, {""flatten"": {}}]"

$ basin show $(grep -l sequential b/runs/*.h5 | head -1) | grep -A1 architecture
>   architecture  type: sequential, layers: [conv: {channels: 4, stride: 2}, relu, batch_norm,
>                 flatten]
