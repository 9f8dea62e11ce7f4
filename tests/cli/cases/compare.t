# Two studies or two runs: what differs in the spec, then in the numbers of runs that belong together.
$ basin run $HERE/tiny.yaml -o a --set seeds=7 2> /dev/null; basin run $HERE/tiny.yaml -o b --set seeds=8 --set training.optimizer.learning_rate=0.2 --set study=faster 2> /dev/null
$ basin compare a b -c 'test_loss,test_accuracy'
> A: a (14 runs)
> B: b (16 runs)
> 
> parameter                         A                          B
> training.optimizer.learning_rate  0.1                        0.2
> seed                              0, 1, 2, 3, 4, 5, ... (7)  0, 1, 2, 3, 4, 5, ... (8)
> 
> number         weight_decay  pairs       A       B        difference  95 % interval              p
>~ test_loss                 0      7   2.601   2.434   -0.167* ± 0.0*  [-0.21*, -0.12*]   0.01562
>~ test_loss              0.01      7   2.592   2.42*
>~ test_accuracy             0      7  0.1*
>~ test_accuracy          0.01      7  0.1*
> 
> difference: B - A over pairs of runs with equal weight_decay, seed, mean ± standard deviation
> 95 % interval: of the mean difference, by Student's t
> p: two-sided sign-flip permutation test over the pairs (exact)
2> note: 2 runs of B have no partner in A

# A second implementation in Python gives the same pairs, differences, intervals and p.
$ for d in a b; do basin table $d -f csv -c wd,seed,test_loss > $d.csv; done; basin compare a b -f csv -c test_loss 2> /dev/null | tail -n +2 | awk -F, '{ printf "%s %s %.8g %.8g %.8g %s\n", $2, $3, $6, $8, $9, $10 }' > ours; python3 $HERE/sign_flip.py a.csv b.csv test_loss regularizers.weight_decay seed > theirs; diff ours theirs && cut -d ' ' -f 1,2,6 ours
> 0 7 0.015625
> 0.01 7 0.015625
$ basin compare a b --json 2> /dev/null | python3 -c "import json, sys; c = json.load(sys.stdin); print(c['A'], c['B']['without_partner'], c['paired_by'], c['spec'][0]); print(len(c['numbers']), c['numbers'][0]['pairs'])"
> {'name': 'a', 'runs': 14, 'without_partner': 0, 'left_out': 0} 2 ['regularizers.weight_decay', 'seed'] {'parameter': 'training.optimizer.learning_rate', 'A': 0.1, 'B': 0.2}
> 18 7

# Two runs, by their ids; their seeds need not agree.
$ basin compare a/f986 a/0065 -c test_loss
> A: a/f986 (1 run)
> B: a/0065 (1 run)
> 
> parameter  A  B
> seed       0  1
> 
> number     pairs      A      B  difference  95 % interval  p
> test_loss      1  2.534  2.689      0.1546              -  -
> 
> difference: B - A
> one pair is too few for a test

# Few seeds; a study with itself; a spec and some of its runs.
$ basin run $HERE/tiny.yaml -o few --set seeds=2 2> /dev/null; cp $HERE/tiny.yaml s.yaml; basin compare few a -c test_loss | tail -5
> 
> difference: B - A over pairs of runs with equal weight_decay, seed, mean ± standard deviation
> 95 % interval: of the mean difference, by Student's t
> p: two-sided sign-flip permutation test over the pairs (exact)
> too few pairs: fewer than 6 cannot give p < 0.05
2> note: 10 runs of B have no partner in A
$ basin compare a a -c test_loss | sed -n 3,8p
> 
> The specs do not differ.
> 
> number     weight_decay  pairs      A      B  difference  95 % interval  p
> test_loss             0      7  2.601  2.601       0 ± 0  [0, 0]         1
> test_loss          0.01      7  2.592  2.592       0 ± 0  [0, 0]         1
$ basin compare s.yaml few -o a -c test_loss | head -2
> A: s.yaml (4 runs)
> B: few (4 runs)
2> note: 10 other results in a are not of this spec and left out

# What the other side does not have is averaged; variants bring their own keys.
$ basin run $HERE/tiny.yaml -o adam --set 'training.optimizer={type: adam}' --set 'sweep={grid: {regularizers.weight_decay: [0.5, 0.6]}}' 2> /dev/null; basin compare a adam -c test_loss
> A: a (14 runs)
> B: adam (4 runs)
> 
> parameter                         A                          B
> regularizers.weight_decay         0, 0.01                    0.5, 0.6
> training.optimizer.type           sgd                        adam
> training.optimizer.learning_rate  0.1                        0.001
> seed                              0, 1, 2, 3, 4, 5, ... (7)  0, 1
> 
>~ number     pairs      A      B      difference  95 % interval * p
>~ test_loss      2  2.*
> 
> difference: B - A over pairs of runs with equal seed, mean ± standard deviation
> 95 % interval: of the mean difference, by Student's t
> p: two-sided sign-flip permutation test over the pairs (exact)
> too few pairs: fewer than 6 cannot give p < 0.05
2> note: runs of A that differ only in weight_decay are averaged before they are paired: the other side does not have these values
2> note: 10 runs of A have no partner in B
2> note: runs of B that differ only in weight_decay are averaged before they are paired: the other side does not have these values

$ basin compare a
2> basin: error: too few arguments: basin compare A B [OPTION]...
2> See: basin compare --help
exit 2
$ basin compare a b -f md
2> basin: error: --format is text, csv or json, not "md"
exit 2
$ basin compare a nowhere
2>...
exit 3
