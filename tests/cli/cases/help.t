# Every command has a page with its options and at least one example.
$ basin --help | head -4
> basin: what makes a network generalise? It trains what a YAML study
> describes, and leaves one HDF5 file for each run.
>
> Usage: basin COMMAND [ARGUMENT]... [OPTION]...

$ for c in $(basin --help | awk '/^Commands:/{on=1;next} /^$/{on=0} on{print $1}'); do basin $c --help | grep -c "^  basin $c" | sed "s/^[1-9].*/$c has examples/"; done
> run has examples
> plan has examples
> check has examples
> status has examples
> watch has examples
> table has examples
> rank has examples
> collect has examples
> compare has examples
> show has examples
> measure has examples
> report has examples
> data has examples
> export has examples
> verify has examples
> list has examples
> explain has examples
> schema has examples
> init has examples
> completion has examples

$ basin status --help
> basin status: show how many runs are finished, running, failed or missing
>
> Usage: basin status DIR|SPEC [OPTION]...
>
> Reads the result files, verifies their digests, and reads the journals of every process that worked
> in DIR. A folder's runs are those that have a result, and those of the study that was run last. A
> SPEC.yaml names its own runs: each is listed with its values (of more than 20 those that are not
> done), and results of other specs in the folder are only counted.
>
> Options:
>   -o, --output DIR         Of a SPEC: the results folder (default results/<study>).
>       --set KEY=VALUE      Of a SPEC: override a value, as for run. May be repeated.
>       --json               One JSON object: the counts, `under_way` (running and interrupted runs,
>                            and suspects), `failures` with id, message and log, and `claims` (what
>                            the study expects, each with its verdict).
>   -h, --help               Show this page.
>
> Examples:
>   basin status results/study
>       progress and failures
>   basin status study.yaml
>       which of its runs are done
>   basin status results/study --json
>       the same as JSON

$ basin --version
>~ basin 0.1.0 (*)
>~ compiler   *
>~ libraries  libyaml *, HDF5 *, oneDNN *, OpenBLAS *, SLEEF *, zlib *, libpng *, libjpeg-turbo *, xxHash *, Random123 *, OpenMP *
>~ kernels    oneDNN *, OpenBLAS *, C library *
>~ processor  *, * cores usable, instructions *

$ basin schema | python3 -c "import json, sys; schema = json.load(sys.stdin); print(schema['\$schema'], sorted(schema['properties']))"
> http://json-schema.org/draft-07/schema# ['across', 'architecture', 'base', 'checkpoint', 'dataset', 'description', 'evaluate', 'expect', 'measures', 'precision', 'regularizers', 'report', 'seed', 'seeds', 'study', 'sweep', 'training', 'weights']

$ basin list schedules
>~ schedules
>~   constant  *
>~   step      *
>~   cosine    *
>~             the last.

$ basin list optimizer | head -1
> optimizers

# Nothing is wider than the screen, and no word is broken.
$ for c in list "explain training" "table --help"; do COLUMNS=60 basin $c | awk 'length > 60'; done

$ COLUMNS=50 basin explain training.optimizer.learning_rate > narrow; COLUMNS=1000 basin explain training.optimizer.learning_rate > wide; diff <(tr -s ' \n' '  ' < narrow) <(tr -s ' \n' '  ' < wide) && echo same words
> same words

# The numbers of a result are explained too.
$ basin explain accuracy_gap
>~ accuracy_gap (*
>   accuracy gap
>   definition train_accuracy - test_accuracy; with label_noise the first is of the noisy labels that
>     were trained on and the second of clean ones, so that a network that ignores the noise has a
>     negative gap
>   measure    none: training gives it
>   unit       1

$ for c in test_loss parameters best_epoch hessian_lambda_max hessian_trace_stderr weight_norm margin_p10; do basin explain $c | head -1; done
>~ test_loss (a number *
>~ parameters (a number *
>~ best_epoch (a number *
>~ hessian_lambda_max (a number *
>~ hessian_trace_stderr (a number *
>~ weight_norm (a number *
>~ margin_p10 (a number *

$ basin explain accurcy_gap
2> basin: error: no parameter, and nothing that a spec can name, is called "accurcy_gap"
2>   hint: did you mean "accuracy_gap"?
exit 2
