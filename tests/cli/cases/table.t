# The table's columns, filters, formats and errors.
$ basin run $HERE/tiny.yaml -o t --set dataset.validation_size=20 --set 'sweep={grid: {architecture.hidden: [[8], [4, 4]], training.optimizer: [sgd, {type: adam, learning_rate: 0.01}]}}' --set seeds=1
2>...

$ basin table t -f csv -c architecture.hidden,training.optimizer.type,training.optimizer.momentum,seed,parameters
> architecture.hidden,training.optimizer.type,training.optimizer.momentum,seed,parameters
> "[4, 4]",adam,,0,234
> "[4, 4]",sgd,0,0,234
> [8],adam,,0,418
> [8],sgd,0,0,418

$ basin table t --json | python3 -c "import json, sys; rows = json.load(sys.stdin); print([(row['architecture.hidden'], row['training.optimizer.type'], row['training.optimizer.momentum'], row['seed'], row['status']) for row in rows])"
> [([4, 4], 'adam', None, 0, 'finished'), ([4, 4], 'sgd', 0, 0, 'finished'), ([8], 'adam', None, 0, 'finished'), ([8], 'sgd', 0, 0, 'finished')]

$ basin table t -c hidden,optimizer.type -w 'optimizer.type = sgd and not (parameters > 300)'
> hidden  type
> [4, 4]  sgd

$ basin table t -f csv -c hidden,optimizer.type -w "momentum = null or hidden == [8]" -s -hidden,-optimizer.type
> architecture.hidden,training.optimizer.type
> [8],sgd
> [8],adam
> "[4, 4]",adam

$ basin table t -f csv -c optimizer.type -w 'optimizer.type != "sgd"'
> training.optimizer.type
> adam
> adam

$ basin table t -w 'test_acuracy > 0.1'
2> basin: error: --where, character 1: no column is named "test_acuracy"
2>   hint: did you mean "test_accuracy"?
exit 2

$ basin table t -w 'seed = 0 and'
2> basin: error: --where, character 13: the name of a column is missing
2>   hint: the place is the end of the expression
exit 2

$ basin table t -w '(seed = 0'
2> basin: error: --where, character 1: this parenthesis is not closed
2>   hint: the place is before "(seed = 0"
exit 2

$ basin table t -w 'seed 0'
2> basin: error: --where, character 6: one of = != < <= > >= is missing
2>   hint: the place is before "0"
exit 2

$ basin table t -w 'seed ='
2> basin: error: --where, character 7: a value is missing: a number, a word or 'text'
2>   hint: the place is the end of the expression
exit 2

$ basin table t -w 'seed = 0 seed = 1'
2> basin: error: --where, character 10: "and" or "or" is missing
2>   hint: the place is before "seed = 1"
exit 2

$ basin table t -w "status = 'finished"
2> basin: error: --where, character 10: this text has no closing quote
2>   hint: the place is before "'finished"
exit 2

# Of several columns the one that varies is meant.
$ basin table t -f csv -c type,hidden -s type,hidden -w 'parameters > 300'
> training.optimizer.type,architecture.hidden
> adam,[8]
> sgd,[8]

$ for c in val_loss test_acc labl_noise optimiser.type accuracy.gap; do basin table t -c $c 2>&1 | tail -1; done
>   hint: did you mean "validation_loss"?
>   hint: did you mean "test_accuracy"?
>   hint: did you mean "dataset.label_noise"?
>   hint: did you mean "training.optimizer.type"?
>   hint: did you mean "accuracy_gap"?

$ basin table t -w 'parameters > small'
2> basin: error: --where, character 14: "small" is a word, but parameters is a number
2>   hint: compare it with a number, or with null for what is absent or not a number
exit 2

$ basin table t -f csv -c seed -w 'parameters > 1e9'
> seed
2> none of the 4 rows matches --where parameters > 1e9

$ basin table t --mean -f csv -c parameters,seconds -w 'optimizer.type = sgd and parameters > 300'
> parameters,seconds
>~ 418,*.*

$ mkdir -p one/runs; cp $(ls t/runs/*.h5 | head -1) one/runs; basin table one -c type
2> basin: error: "type" is the end of * columns
2>   hint: write the whole path, "*.type" for one
exit 2

$ basin table t -c optimzer.type
2> basin: error: no column is named "optimzer.type"
2>...
exit 2

$ basin table t -f xml
2> basin: error: --format is text, csv, json, markdown or latex, not "xml"
exit 2

$ mkdir -p empty/runs parent; cp -r t parent/one; basin table empty --json
> []
2> no results yet

# A folder that is no study's is not taken for an empty one.
$ basin table parent
2> basin: error: no results in parent
2>   hint: did you mean parent/one?
exit 3

$ basin status parent
2> basin: error: no results in parent
2>   hint: did you mean parent/one?
exit 3

$ basin verify parent/
2> basin: error: no results in parent
2>   hint: did you mean parent/one?
exit 3

# A training loss that is finite but exploded: the run has finished, and says so; no mean mixes it with others.
$ basin run $HERE/tiny.yaml -o burst --set seeds=1 --set 'sweep={grid: {training.optimizer.learning_rate: [0.1, 50]}}' 2>&1 | grep -c 'learning_rate=50  exploded: the training loss is [0-9.e+]*; before training it was [23]\.'
> 1

$ basin table burst -f csv -c status,exploded,lr -s lr; basin table burst --over seed,lr -f csv -c exploded,runs -s runs,exploded; basin table burst -w 'exploded = true' -f csv -c lr; basin show $(grep -l exploded burst/runs/*.h5) | sed -n 3p
> status,exploded,training.optimizer.learning_rate
> finished,false,0.1
> finished,true,50
> exploded,runs
> false,1
> true,1
> training.optimizer.learning_rate
> 50
>~ exploded: the training loss is *; before training it was *

# A spec stands for the folder of its study: one that has not been run, and one with errors.
$ sed 's/^study: .*/study: not-yet/' $HERE/tiny.yaml > 'not yet.yaml'; basin table 'not yet.yaml'
2> basin: error: the study of not yet.yaml has not been run: there is no folder results/not-yet
2>   hint: `basin run 'not yet.yaml'` runs it; results in another folder: `basin table DIR`
exit 3
$ echo 'study: wrong' > wrong.yaml; basin table wrong.yaml
2> wrong.yaml:1:1: error: the key "architecture" is missing; expected a name or a block with "type"
2>...
exit 2

# What a condition or a column may have been meant as.
$ basin run $HERE/tiny.yaml -o hints --set seeds=1 --set sweep=null 2> /dev/null; for w in 'lr > 0,1' 'loss > 1' 'hidden = 8' 'run_id = 12'; do basin table hints -w "$w"; done
> run_id  status  seed
2> basin: error: --where, character 7: decimals have a point, and not a comma
2>   hint: the place is before ",1"
2> basin: error: --where, character 8: 1 is a number, but training.loss has none
2>   hint: texts are compared by = and !=, as in training.loss = 'text'
2> basin: error: --where, character 10: 8 is a number, but architecture.hidden is a list
2>   hint: write [8] for the whole list, or architecture.hidden.0 for its first item
2> the only row does not match --where run_id = 12
$ for c in architecture learningrate; do basin table hints -c $c; done
2> basin: error: no column is named "architecture"
2>   hint: it is a block, whose columns are architecture.type, architecture.hidden, architecture.activation, architecture.bias, ...
2> basin: error: no column is named "learningrate"
2>   hint: did you mean "learning_rate"?
exit 2
