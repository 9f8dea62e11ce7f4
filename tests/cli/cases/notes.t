# A value without effect is noted, in one line, by check, plan and run, with the runs that it concerns; it changes nothing.
$ printf 'study: s\ndataset: {name: mnist1d, train_size: 60, test_size: 20}\narchitecture: {type: mlp, hidden: [3]}\ntraining: {epochs: 1, optimizer: {type: sgd, nesterov: true}}\nsweep: {grid: {training.optimizer.momentum: [0, 0.5], training.batch_size: [30, 100]}}\n' > s.yaml; basin check s.yaml | grep study
>~ s.yaml: study s, 4 runs*no errors
2>...
2> note: training.optimizer.nesterov: true has no effect, since momentum is 0: steps are those of plain gradient descent (in 2 of 4 runs)
2> note: training.batch_size: 100 is more than the 60 training examples: every step sees all 60, as with batch_size: 60 (in 2 of 4 runs)

$ basin plan s.yaml > plan.txt; grep -c new plan.txt
> 5
2>...
2> note: training.optimizer.nesterov: true has no effect, since momentum is 0: steps are those of plain gradient descent (in 2 of 4 runs)
2> note: training.batch_size: 100 is more than the 60 training examples: every step sees all 60, as with batch_size: 60 (in 2 of 4 runs)

$ basin run s.yaml -o r
2> study s: 4 runs, *
2>...
2> note: training.optimizer.nesterov: true has no effect, since momentum is 0: steps are those of plain gradient descent (in 2 of 4 runs)
2> note: training.batch_size: 100 is more than the 60 training examples: every step sees all 60, as with batch_size: 60 (in 2 of 4 runs)
2>...

# What counts steps takes epochs, and is the same run as the steps; a result file says the steps, and runs again.
$ id() { basin plan $1 --json | python3 -c "import json, sys; print(*(run['run_id'] for run in json.load(sys.stdin)['runs']))"; }; for every in '6 epochs' 12 '12 steps'; do printf "study: t\ndataset: {name: mnist1d, train_size: 60, test_size: 20}\narchitecture: linear\ntraining: {epochs: 9, batch_size: 30, schedule: {type: step, every: $every}}\n" > t.yaml; id t.yaml; done | sort -u | wc -l; sed -i 's/12 steps/6 epochs/' t.yaml; basin run t.yaml -o t 2> /dev/null; basin show t/runs/*.h5 | grep every; basin check t/runs/*.h5 2> /dev/null | grep -o 'study t, 1 run,'
> 1
>   training      schedule: {type: step, every: 12}, batch_size: 30, epochs: 9
> study t, 1 run,

# No steps are no training of no steps, on an axis and alone; a result file says both numbers and means its epochs.
$ printf 'study: z\ndataset: {name: mnist1d, train_size: 60, test_size: 20}\narchitecture: linear\ntraining: {steps: 0, batch_size: 30, schedule: {type: step, every: 15, factor: 1.0e-9}}\n' > z.yaml; basin run z.yaml -o z; basin check z/runs/*.h5 2>&1 | grep -c 'steps: 0'; basin check z.yaml --set training.epochs=1 2>&1 | grep -c 'steps: 0'
> 0
> 0
2> study z: 1 run, *
2> note: training.schedule.every: 15 counts steps, of which an epoch has 2: the learning rate drops once, to 1e-09 of its value; "15 epochs" counts epochs
2> note: training.steps: 0 does not mean no steps but to count epochs: it trains 10 epochs, which are 20 steps
2>...
exit 1
