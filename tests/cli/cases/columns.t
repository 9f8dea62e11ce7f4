# Which columns a table has, which runs a mean is of, and what a spec stands for.
$ basin run $HERE/tiny.yaml -o t --set 'measures={hessian_top: {k: 1, examples: 20}, weight_norm: {}}' --set 'sweep={grid: {regularizers.weight_decay: [0, 0.01], training.optimizer.learning_rate: [0.1, 0.2]}}' 2> /dev/null

# Patterns go by the whole path or the end of it, in the order of the table; nothing stands twice.
$ basin table t -f csv -c 'hessian_lambda*,lr,*_loss,test_*' | head -1
> hessian_lambda_max,hessian_lambda_max_converged,training.optimizer.learning_rate,train_loss,test_loss,dataset.test_size,test_accuracy
$ basin table t -c 'hessian_lambda_ma?,w*decay' | head -1
> hessian_lambda_max  weight_decay
$ basin table t --mean -c 'wd,lr,test_*' | head -1
>~ weight_decay  learning_rate  test_size *test_loss *test_accuracy
$ basin table t --mean -f csv -c 'test_[la]*,test_*_sd' | head -1
> test_loss,test_loss_sd,test_accuracy,test_accuracy_sd
$ basin table t -c 'seed,*norm_of*'
2> basin: error: no column matches "*norm_of*"
2>   hint: * stands for any characters, ? for one; the first line of `basin table -f csv -c '*'` lists all columns
exit 2

# Options of a measure are columns whether they vary or not, and so is what all runs have in common.
$ basin table t -f csv -c 'wd,lr,seed,measures.hessian_top.k,hessian_top.examples,training.epochs' | sed -n 1,2p
> regularizers.weight_decay,training.optimizer.learning_rate,seed,measures.hessian_top.k,measures.hessian_top.examples,training.epochs
> 0,0.1,0,1,20,2
$ basin table t --mean -c wd,lr,hessian_top.k,batch_size,study,seeds
> weight_decay  learning_rate  k  batch_size  study  seeds
>            0            0.1  1          50  tiny       2
>            0            0.2  1          50  tiny       2
>         0.01            0.1  1          50  tiny       2
>         0.01            0.2  1          50  tiny       2
$ basin table t --mean -c seed
2> basin: error: means have no column "seed": it is of single runs, or what the means are taken over
2>   hint: --over says what means are taken over; without --mean and --over each run is a row
exit 2

# The other parameters are what means of --group-by are taken over; Python says what they must be.
$ basin table t -g lr -f csv -c lr,test_loss,test_loss_sd,runs > by; basin table t -f csv -c lr,test_loss > runs; python3 $HERE/group_means.py runs by training.optimizer.learning_rate test_loss
> 0.1 4 4 True True
> 0.2 4 4 True True
$ basin table t --group-by seed,wd -f csv -c seed,wd,runs
> seed,regularizers.weight_decay,runs
> 0,0,2
> 1,0,2
> 0,0.01,2
> 1,0.01,2
$ basin table t --group-by wd,lr -f csv -c seeds > by-all; basin table t --over seed -f csv -c seeds > over-seed; tail -n +2 by-all | paste -s -d ' '; tail -n +2 over-seed | paste -s -d ' '
> 2 2 2 2
> 2 2 2 2
$ basin table t --group-by wd | tail -2
> mean ± standard deviation over 4 runs
>~ not shown: train_loss, test_loss, * (-c NAME,... shows them)
$ basin table t --group-by test_loss
2> basin: error: test_loss is no parameter
2>   hint: means are taken over runs that differ in a parameter, as seed.init
exit 2
$ basin table t --group-by lr --over seed
2> basin: error: --over says what means are taken over, --group-by what they are not taken over; give one of them
exit 2

# Two studies stay apart, in a column of their own.
$ basin run $HERE/tiny.yaml -o second --set study=second 2> /dev/null; basin table t second --mean -w 'lr = 0.1' -f csv -c study,wd,seeds -s study,wd
> study,regularizers.weight_decay,seeds
> second,0,2
> second,0.01,2
> tiny,0,2
> tiny,0.01,2
$ basin table t second --mean -w 'lr = 0.1' | head -1 | grep -o study
> study

# What a format is also called.
$ for f in md tex CSV markdwon; do basin table t -f $f 2>&1 | tail -1; done
>   hint: did you mean markdown?
>   hint: did you mean latex?
>   hint: did you mean csv?
>   hint: did you mean markdown?

# On a narrow terminal every panel repeats what tells rows apart.
$ python3 $HERE/terminal.py 72 24 basin table t -w 'seed = 0' -c 'run_id,wd,lr,*_loss,*_accuracy' | grep run_id
> run_id    weight_decay  learning_rate  train_loss  test_loss
> run_id    weight_decay  learning_rate  train_accuracy  test_accuracy

# A spec stands for its own runs; what else is in the folder is counted.
$ cp $HERE/tiny.yaml s.yaml; basin run s.yaml -o s 2> /dev/null; basin table s.yaml -o s --set seeds=1 -c wd,seed
> weight_decay  seed
>            0     0
>         0.01     0
2> note: 2 other results in s are not of this spec and left out
$ basin table s.yaml -o s --set 'sweep.grid.regularizers.weight_decay=[0, 0.5]' -c wd,seed
> weight_decay  seed
>            0     0
>            0     1
2> note: 2 of the 4 runs of s.yaml have no result yet
2> note: 2 other results in s are not of this spec and left out
$ basin status s.yaml -o s --set seeds=1 | grep .
> study tiny in s
> 2 runs: 2 finished, 0 diverged, 0 failed, 0 damaged, 0 missing
>   finished    f98653b9917ce6fa  weight_decay=0
>   finished    7efb0bdbf56bef2f  weight_decay=0.01
>   2 other results in the folder are not of this spec
$ basin table s -o s
2> basin: error: -o and --set belong to a spec, and s is none
exit 2
$ basin table s/f986 -f csv -c run_id
> run_id
> f98653b9917ce6fa

# Where the data are gone, the folder is still there.
$ sed 's/name: mnist1d, .*/name: hdf5, path: gone.h5}/' s.yaml > gone.yaml; basin table gone.yaml -o s
2>...
2>   hint: `basin table s` takes all results in the folder, without the spec
exit 3
