# Text of others: names, journals and attributes reach the screen escaped, and commands to copy quoted.
$ mkdir -p h/runs h/journal; printf '{"event": "study_start", "time": "2026-01-01T00:00:00.000Z", "study": "a\\u001b[31mred\\u202e\\nfake", "spec": "x; touch pwned #.yaml", "arguments": " --set a=b; command #", "jobs": 1, "runs": 2, "todo": 2, "ids": ["01234567\\u001b[2J\\u009b", "0123456789abcdef"]}\n{"event": "run_fail", "time": "2026-01-01T00:00:01.000Z", "run_id": "0123456789abcdef", "status": "internal error", "message": "boo\\u001b]0;x\\u0007\\u2066\\n  finished 7"}\n' > h/journal/host-1.jsonl

$ basin status h
> study a\x1b[31mred\u202e\nfake in h
>~ * 1 failed, *
>   failed   0123456789abcdef  boo\x1b]0;x\x07\u2066\n  finished 7
> Continue with: basin run 'x; touch pwned #.yaml' -o h --retry failed # without the journal's options, which Basin did not write so

$ basin status h --json | python3 -c "import json, sys; text = sys.stdin.read(); print(text.replace('\n', '').isprintable(), ascii(json.loads(text)['study']))"
> True 'a\x1b[31mred\u202e\nfake'

# Options that Basin writes are quoted anew; others, such as --force, are not for copying.
$ sed -i "s/--set a=b; command #/--set 'a=b; c' -j 2 --set x=\$(id)/" h/journal/*; basin status h | tail -1; sed -i "s/-j 2/--force/" h/journal/*; basin status h | tail -1
>~ Continue with: basin run 'x; touch pwned #.yaml' -o h --set 'a=b; c' -j 2 --set 'x=$(id)'*
>~ Continue with: basin run 'x; touch pwned #.yaml' -o h*# without the journal's options, which Basin did not write so

# Names of folders and files.
$ NAME=$(printf 'x\033[31m\ny\342\200\256'); basin run $HERE/tiny.yaml --set seeds=1 -o "$NAME" 2>&1 | grep -e into -e Next; basin verify "$NAME" | cut -d/ -f1; basin status "$NAME" | head -1; basin table "$NAME" -c file | tail -1 | cut -d/ -f1
>~ study tiny: 2 runs, * at a time, into x\x1b[31m\ny\u202e
> Next: basin table $'x\x1b[31m\x0ay\xe2\x80\xae'
> ok       x\x1b[31m\ny\u202e
> ok       x\x1b[31m\ny\u202e
> study tiny in x\x1b[31m\ny\u202e
> x\x1b[31m\ny\u202e

$ eval "$(basin run $HERE/tiny.yaml --set seeds=1 -o "$(printf 'x\033[31m\ny\342\200\256')" 2>&1 | sed -n 's/^Next: //p')" | wc -l
> 5

$ basin table "$(printf 'no\033[2J\342\200\256')"
2> basin: error: cannot open no\x1b[2J\u202e: *
exit 3
