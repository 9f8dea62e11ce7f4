# Conditions of --where with arithmetic, functions and curves.
$ basin run $HERE/tiny.yaml -o t --set 'sweep={grid: {regularizers.weight_decay: [0.0, 0.5]}}' --set training.optimizer.learning_rate=0.1 --set seeds=2
2>...

$ basin table t -f csv -c weight_decay,seed -w 'weight_decay * 4 - 1 = 1 and lr = 0.1'
> regularizers.weight_decay,seed
> 0.5,0
> 0.5,1

$ basin table t -f csv -c weight_decay,seed -w 'seed < weight_decay and max(lr, 0.05) = 0.1'
> regularizers.weight_decay,seed
> 0.5,0

$ basin table t -f csv -c weight_decay,seed -w 'last(curves.train_loss) = train_loss and train_loss / first(curves.train_loss) > 0'
> regularizers.weight_decay,seed
> 0,0
> 0,1
> 0.5,0
> 0.5,1

$ basin table t -w 'train_loss / test_los < 1'
2> basin: error: --where, character 14: no column is named "test_los"
2>   hint: did you mean "test_loss"?
exit 2

$ basin table t -w 'curves.train_loss < 1'
2> basin: error: --where, character 1: "curves.train_loss" is a curve over epochs, but a number is needed
2>   hint: mean(...), max(...), last(...) make a number of a curve, also of a part of it, as in mean(..., from: 0.5)
exit 2

$ basin table t -w 'mean(curves.trian_loss) < 1'
2> basin: error: --where, character 6: no curve is named "curves.trian_loss"
2>   hint: did you mean "curves.train_loss"?
exit 2

$ basin table t -w '2 * status > 1'
2> basin: error: --where, character 5: status is a text, and no number
exit 2

$ basin table t -w 'tau(train_loss, seed) > 0'
2> basin: error: --where, character 1: "tau(train_loss, seed)" is a number over runs, but a number of each run is needed
exit 2
