# Language models are told by their bits per character.
$ cp $HERE/text.yaml .; for i in $(seq 20); do printf 'the quick brown fox jumps over the lazy dog. '; done > fox.txt; basin run text.yaml -o t -j 1
2> study text: 2 runs, 1 at a time, into t
2> [1/2] *  hidden_size=6  test_bits_per_character 4.*s
2> [2/2] *  hidden_size=4  test_bits_per_character 4.*s
2> 2 runs finished in *
2> Next: basin table t

$ basin table t
>~ run_id *status *hidden_size *seed *train_bits_per_character *test_accuracy *test_perplexity *test_bits_per_character *loss_gap
>~ * finished * 4 * 0 * 4.*
>~ * finished * 6 * 0 * 4.*
>
>~ not shown: train_loss, *

$ basin table t --mean | head -1 | tr -s ' '
> status hidden_size train_bits_per_character test_accuracy test_perplexity test_bits_per_character loss_gap seeds

# Other runs in the same table keep their own numbers.
$ mkdir -p both/runs; basin run $HERE/tiny.yaml -o other --set seeds=1 2> /dev/null; cp t/runs/* other/runs/* both/runs; basin table both | head -1 | tr ' ' '\n' | grep -c 'train_accuracy\|accuracy_gap\|bits'
> 4

# The longest name of a number leaves the columns straight.
$ basin show $(ls t/runs/*.h5 | head -1) | grep '^  \(validation_bits\|test_loss\|parameters\)' | cut -c 1-32 | sort -u
>   parameters                    
>   test_loss                     
>   validation_bits_per_character 

# A folder, and what is no UTF-8, are shown at the path.
$ basin check text.yaml --set dataset.path=t
2> --set dataset.path=t:1:14: error: dataset.path: cannot read */t: it is a folder; name a text file in it; see "Your own data" in experiments/README.md
2>     1 | dataset.path=t
2>       |              ^
exit 3

$ printf 'abc\377' > wrong.txt; basin run text.yaml --set dataset.path=wrong.txt
2> --set dataset.path=wrong.txt:1:14: error: dataset.path: */wrong.txt: byte 3 (counted from 0) begins no character of UTF-8; use units: bytes, or convert the file to UTF-8; see "Your own data" in experiments/README.md
2>     1 | dataset.path=wrong.txt
2>       |              ^~~~~~~~~
exit 3
