# Tables for papers and notebooks: the columns and digits that people read.
$ basin run $HERE/tiny.yaml -o m --set seeds=2 --set description='a_b' 2> /dev/null; basin table m -f markdown -c wd,seed,status
> | weight_decay | seed | status |
> |--:|--:|---|
> | 0 | 0 | finished |
> | 0 | 1 | finished |
> | 0.01 | 0 | finished |
> | 0.01 | 1 | finished |
$ basin table m -f latex -c wd,architecture.hidden,seed -w 'seed = 1'
> % \usepackage{booktabs}
> \begin{tabular}{rlr}
>   \toprule
>   weight\_decay & hidden & seed \\
>   \midrule
>   0 & [8] & 1 \\
>   0.01 & [8] & 1 \\
>   \bottomrule
> \end{tabular}

# Means have their deviation, and what it is of below.
$ basin table m --mean -c wd,test_accuracy -f markdown | sed 's/0\.[0-9]* ± [0-9.]*/M ± S/'
> | weight_decay | test_accuracy |
> |--:|--:|
> | 0 | M ± S |
> | 0.01 | M ± S |
>
> mean ± standard deviation over 2 seeds
$ basin table m --mean -c wd,test_accuracy -f latex | sed 's/0\.[0-9]* $\\pm$ [0-9.]*/M $\\pm$ S/' | tail -5
>   0 & M $\pm$ S \\
>   0.01 & M $\pm$ S \\
>   \bottomrule
> \end{tabular}
> % mean ± standard deviation over 2 seeds

