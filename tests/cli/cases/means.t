# Means, what a table says below them, and numbers that were not measured alike.
$ basin run $HERE/tiny.yaml -o m --set 'measures={hessian_top: {examples: 50, max_iterations: 3}, weight_norm: {}}' --set seeds=3 2> /dev/null

# What did not converge is marked where it is printed.
$ basin run $HERE/tiny.yaml -o quick --set 'measures={hessian_top: {ends: both, max_iterations: 3}}' --set seeds=1 2>&1 | grep -c '  not converged: hessian_top  '
> 2

$ basin show $(ls quick/runs/*.h5 | head -1) | grep lambda
>~   hessian_lambda_max * (did not converge in 3 iterations)
>~   hessian_lambda_min * (did not converge in 3 iterations)

$ basin table m --mean -c wd,hessian_lambda_max,weight_norm
>~ weight_decay  hessian_lambda_max * weight_norm
>~ * 0 * ± *  * ± *
>~ * 0.01 * ± *  * ± *
>
> mean ± standard deviation over 3 seeds
> * did not converge (basin show says how far it came)

# A mean over something else is over runs.
$ basin table m --over weight_decay -f csv -c seed,runs
> seed,runs
> 0,2
> 1,2
> 2,2

# A condition on what is averaged chooses among the seeds; it is said.
$ basin table m --mean -f csv -c weight_decay,seeds -w 'seed < 2'
> regularizers.weight_decay,seeds
> 0,2
> 0.01,2
2> note: --where chooses runs before means are taken of them: 2 rows lack some of their runs

$ basin table m --mean -f csv -c weight_decay,seeds -w 'wd > 0'
> regularizers.weight_decay,seeds
> 0.01,3

$ basin table m --mean -w 'seeds = 3'
2> basin: error: --where, character 1: "seeds" is a column of means, and these are single runs
2>   hint: --where chooses the runs that means are then taken of; --mean makes the column
exit 2

# On a narrow terminal each part repeats the axes.
$ TERM=xterm COLUMNS=50 python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' basin table m --mean < /dev/null | tr -d '\r' | awk -v RS= '/^(status +)?weight_decay/ { repeats++; next } !/^mean/ { lacks++ } END { print (repeats > 2), lacks + 0 }'
> 1 0

$ TERM=xterm COLUMNS=50 python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' basin table m < /dev/null | tr -d '\r' | awk -v RS= '/^run_id +(status +)?weight_decay +seed/ { repeats++; next } !/^[*]/ { lacks++ } END { print (repeats > 2), lacks + 0 }'
> 1 0

# Numbers of one measure with two options: the option is a column, and means keep them apart, but none of the others.
$ basin run $HERE/tiny.yaml -o other --set 'measures={hessian_top: {examples: 60, max_iterations: 40}}' --set seeds=1 2> /dev/null; rm $(grep -l . m/runs/$(ls other/runs | head -1) m/runs/$(ls other/runs | tail -1)); cp other/runs/* m/runs

$ basin table m -f csv -s seed,wd | cut -d, -f3-5
> regularizers.weight_decay,seed,measures.hessian_top.examples
> 0,0,60
> 0.01,0,60
> 0,1,50
> 0.01,1,50
> 0,2,50
> 0.01,2,50

$ basin table m --mean -f csv -c wd,hessian_top.examples,seeds,hessian_lambda_max_converged
> regularizers.weight_decay,measures.hessian_top.examples,seeds,hessian_lambda_max_converged
> 0,50,3,false
> 0,60,3,true
> 0.01,50,3,false
> 0.01,60,3,true
$ basin table m --mean -f csv -c wd,hessian_top.examples,hessian_lambda_max_sd,test_loss,test_loss_sd | awk -F, 'NR > 1 { print $1, $2, ($3 != ""); n[$1,$4,$5]++ } END { for (k in n) print n[k] }'
> 0 50 1
> 0 60 0
> 0.01 50 1
> 0.01 60 0
> 2
> 2
$ basin table m --mean -f csv -c wd,hessian_top.examples,hessian_lambda_max | wc -l
> 5
2> note: the rows of hessian_lambda_max were not measured alike: measures.hessian_top.max_iterations is 3, 40
2> note: hessian_lambda_max is a mean over fewer runs in 4 rows: the others lack it, or were measured with other options

$ basin table m -f csv -c wd,hessian_lambda_max | cut -d, -f1 | sort | uniq -c
>       3 0
>       3 0.01
>       1 regularizers.weight_decay
2> note: the rows of hessian_lambda_max were not measured alike: measures.hessian_top.examples is 50, 60
2> note: the rows of hessian_lambda_max were not measured alike: measures.hessian_top.max_iterations is 3, 40

$ basin table m --over seed,hessian_top.examples,max_iterations -f csv -c wd,runs
> regularizers.weight_decay,runs
> 0,3
> 0.01,3

# A study whose spec asks for other options says which they are.
$ basin run $HERE/tiny.yaml -o m --set 'measures={hessian_top: {examples: 70, max_iterations: 3}}' --set seeds=2
2> study tiny: 4 runs, 4 finished already
2> note: 4 finished runs have measures that were taken with other options than the spec's: hessian_top (examples: 60, not 70; max_iterations: 40, not 3); hessian_top (examples: 50, not 70); they are kept unchanged (use -o DIR to measure in another folder)
2> Next: basin table m

# Where the runs are of several studies, that is a column, and no mean mixes them.
$ basin run $HERE/tiny.yaml -o two --set study=second --set seeds=1 2> /dev/null; basin table m two --mean -f csv -c study,seeds -w 'wd = 0 and max_iterations != 40'
> study,seeds
> tiny,2
> second,1
2> note: --where chooses runs before means are taken of them: 1 row lacks some of its runs

$ basin table m two --over seed,study,hessian_top.examples,max_iterations -f csv -c wd,runs
> regularizers.weight_decay,runs
> 0,4
> 0.01,4
2> note: 2 runs are in more than one of these folders, and the means count each more than once

# A mean over fewer runs than are counted, and a run that is counted twice, are noted.
$ basin run $HERE/tiny.yaml -o part --set seeds=2 2> /dev/null; basin run $HERE/tiny.yaml -o part --set seeds=1 --set 'measures={weight_norm: {}}' 2> /dev/null; basin table part --mean -f csv -c wd,seeds,weight_norm | cut -d, -f1,2
> regularizers.weight_decay,seeds
> 0,2
> 0.01,2
2> note: weight_norm is a mean over fewer runs in 2 rows: 2 runs lack it

$ cp -r part copy; basin table part copy --mean -f csv -c wd,runs,seeds
2> note: 4 runs are in more than one of these folders, and the means count each more than once
2> basin: error: these means have no column "runs"
2>   hint: the number of runs that each is taken over is in the column "seeds"
exit 2

# Other words for keys, as in explain.
$ basin table m -c lr,optimizer.lr -w 'lr > 0.05 and wd = 0.01' -f csv
> training.optimizer.learning_rate,training.optimizer.learning_rate
> 0.1,0.1
> 0.1,0.1
> 0.1,0.1

# Steps that were given in epochs differ with the batch size, and keep no rows of means apart; steps that were given as such do.
$ printf 'study: e\ndataset: {name: mnist1d, train_size: 60, test_size: 20}\narchitecture: linear\ntraining: {epochs: 4, schedule: {type: step, every: 2 epochs, warmup: 1 epoch}}\nsweep: {grid: {training.batch_size: [10, 20, 30]}}\n' > e.yaml; basin run e.yaml -o e1 2> /dev/null; basin run e.yaml -o e2 --set 'sweep.grid.training.schedule.every=[1 epoch, 2 epochs]' 2> /dev/null; basin run e.yaml -o e3 --set 'sweep.grid.training.schedule.every=[12, 6]' 2> /dev/null
$ for i in 1 2 3; do basin table e$i --mean --over batch_size -f csv | cut -d , -f 1,2; basin table e$i --mean --over batch_size -f csv | sed 's/.*,//'; done
> status,seed
> finished,0
> runs
> 3
> status,training.schedule.every
> finished,1 epoch
> finished,2 epochs
> runs
> 3
> 3
> status,training.schedule.every
> finished,6
> finished,12
> runs
> 3
> 3
$ basin table e2 -f csv -c batch_size,every
> training.batch_size,training.schedule.every
> 10,6
> 20,3
> 30,2
> 10,12
> 20,6
> 30,4

# A narrow terminal: where the columns that tell rows apart leave no room, rows have numbers instead.
$ basin run e.yaml -o e4 --set 'sweep.grid.regularizers.weight_decay=[0, 0.1]' --set 'sweep.grid.regularizers.label_smoothing=[0, 0.2]' 2> /dev/null; COLUMNS=30 TERM=xterm python3 -c "import pty; pty.spawn(['basin', 'table', 'e4', '--over', 'batch_size'])" < /dev/null | tr -d '\r' > narrow; head -5 narrow; grep -c weight_decay narrow; grep -c '^4  ' narrow | sed 's/[2-9]/several/'
> #  status    weight_decay
> 1  finished             0
> 2  finished             0
> 3  finished           0.1
> 4  finished           0.1
> 1
> several

# Steps within an epoch stay apart, though each of these runs says "1 epoch"; so are means of theirs.
$ basin run e.yaml -o e5 --set sweep=null --set 'sweep.grid.training.steps=[1, 2, 4]' --set training.epochs=null --set training.schedule=null --set training.batch_size=10 2> /dev/null; basin table e5 --mean -c training.steps,seeds -f csv
> training.steps,seeds
> 1,1
> 2,1
> 4,1
