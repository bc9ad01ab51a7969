// Lines that reach a canary when a shell runs them. `@` stands for the directory of the canaries, `!` for the program (never an exclamation mark, but as `!!` one in front of it).

export interface CommandLine {
  readonly class: string;
  readonly lines: readonly string[];
}

const running = String.raw`
@/bin/forbidden
true; !
true && !
false || !
! &
(!)
{ !; }
if !; then :; fi
while !; do break; done
until !; do :; done
for x in 1; do !; done
case x in x) !;; esac
f() { !; }; f
echo "$(!)"
echo ${'`!`'}
cat <(!)
: "${'${x:-$(!)}'}"
: $(( $(! >&2; echo 1) ))
x=$(!)
[ "$(!)" ]
cat <<EOF
$(!)
EOF
@/bin/forb""idden
@/bin/'forbidden'
@/bin/forb\idden
@/bin/forb?dden
@/bin/f*
@/bin/[f]orbidden
@/bin/{forbidden,}
$'@/bin/forb\x69dden'
@/./bin//forbidden
cd @/bin; ./forbidden
cd @/bin && PATH=. forbidden
PATH=@/bin forbidden
x=!; $x
x=!; "$x"
set -- !; $1
eval !
eval "eval !"
command !
builtin eval !
exec !
exec -a ls !
. !
source !
trap ! EXIT
coproc !; wait
time !
! | cat
true | !
bash -c !
sh -c "sh -c !"
bash -c 'eval "$0"' !
bash -c '$1' x !
bash <<< !
echo ! | sh
bash < @/open/script
bash @/open/script
sh -s < @/open/script
BASH_ENV=! bash -c true; true
bash --rcfile ! -ic true
PROMPT_COMMAND=! bash -i < /dev/null
env !
env -i !
env A=1 !
env -S !
env -S'! x'
env --split-string=!
env env env !
nice !
nice -n 5 !
nohup !
timeout 5 !
timeout -k 1 5 !
setsid -w !
stdbuf -o0 !
flock /dev/null !
flock /dev/null -c !
ionice !
chrt -o 0 !
taskset 1 !
setpriv !
unshare !
chroot / !
su root -c !
runuser -u root -- !
setarch x86_64 !
prlimit --nofile=99 !
echo | xargs !
xargs -a /dev/null !
xargs -I% ! < @/open/notes
echo ! | xargs -I% sh -c %
find /dev/null -exec ! {} \;
find /dev/null -exec ! {} +
find /dev/null -execdir ! \;
busybox sh -c !
busybox env !
busybox timeout 5 !
/lib64/ld-linux-x86-64.so.2 /bin/sh -c !
script -qc ! /dev/null
awk 'BEGIN { system("!") }'
awk 'BEGIN { "!" | getline x; print x }'
perl -e 'system("!")'
python3 -c 'import os; os.system("!")'
sed '1e !' /etc/hostname
sed -n '1e!' /etc/hostname
tar -cf /dev/null --checkpoint=1 --checkpoint-action=exec=! /etc/hostname
tar -cf /dev/null -I ! /etc/hostname
tar -cf /dev/null --use-compress-program=! /etc/hostname
git -c alias.x='!!' x
git -c alias.x=!! x
script -qc "git -c core.pager=! -p version" /dev/null
GIT_SSH=! git ls-remote ssh://x/y
GIT_EXTERNAL_DIFF=! git diff --no-index /etc/hostname /etc/passwd
git -c core.sshCommand=! ls-remote ssh://x/y
rsync -e ! x:y /dev/null
RSYNC_RSH=! rsync x:y /dev/null
ssh -o ProxyCommand=! x
ssh -o ProxyUseFdpass=yes -o ProxyCommand=! x
sftp -S ! x
scp -S ! x:y /dev/null
strace -o /dev/null !
vim -es -c ':!!' -c q
[[ -v 'a[$(!)]' ]]
test -v 'a[$(!)]'
printf -v 'a[$(! >&2)]' x
read 'a[$(! >&2)]' < @/open/notes
declare 'a[$(!)]=1'
declare -i x='a[$(!)]'
let 'a[$(!)]'
x='a[$(!)]'; ((x))
x='a[$(!)]'; : $((x))
x='a[$(!)]'; [[ x -eq 0 ]]
a=(1); unset 'a[$(!)]'
mapfile -C ! -c 1 x < @/open/notes
compgen -C !
hash -p ! ls; ls
ls() { !; }; ls
enable -n echo; echo() { !; }; echo
trap ! DEBUG; true
trap ! ERR; false
x=(!); ${'${x[0]}'}
IFS=,; x='@/bin/forbidden,'; $x
x=forb; @/bin/${'${x}'}idden
printf '!' | bash
tee /dev/null <<< ! | sh
bash -O expand_aliases -c $'alias x=!\nx'
bash --login -c !
bash -o errexit -c !
bash -lc !
sh -ec !
sh -c ! --
`;

const reading = String.raw`
cat @/canary/secret
cat < @/canary/secret
cat 0< @/canary/secret
cat <> @/canary/secret
cat @/open/../canary/secret
cat @//canary/./secret
cat @/can*/sec*
cat @/c?nary/s[e]cret
cat @/{canary,open}/secret
cat @/ca""nary/secret
cat @/ca\nary/secret
cat ${"$'@/c\\x61nary/secret'"}
cd @/canary; cat secret
cd @/canary && cat *
cd @ && cat canary/secret
cd @/open; cat ../canary/secret
pushd @/canary; cat secret
(cd @/canary; cat secret)
CDPATH=@ ; cd canary; cat secret
x=@/canary; cat $x/secret
f=@/canary/secret; cat "$f"
for f in @/*/secret; do cat $f; done
read x < @/canary/secret; echo $x
while read x; do echo $x; done < @/canary/secret
echo "$(< @/canary/secret)"
mapfile x < @/canary/secret; echo "${'${x[0]}'}"
exec 3< @/canary/secret; cat <&3
exec < @/canary/secret; cat
. @/canary/secret
bash @/canary/secret
dd if=@/canary/secret
dd < @/canary/secret
head -n1 @/canary/secret
tail -c+1 @/canary/secret
tac @/canary/secret
nl @/canary/secret
cut -c1- @/canary/secret
sed -n p @/canary/secret
sed '' < @/canary/secret
awk 1 @/canary/secret
awk 'BEGIN { getline x < "@/canary/secret"; print x }'
sort @/canary/secret
sort -- @/canary/secret
uniq @/canary/secret
paste @/canary/secret
strings -n 3 @/canary/secret
fold -w 99 @/canary/secret
diff /dev/null @/canary/secret
diff --from-file=/dev/null @/canary/secret
grep -r canary- @
grep '' @/canary/secret
grep -f @/canary/secret -v /etc/hostname; grep -rh canary- @
find @/canary -type f -exec cat {} +
find @ -name secret -exec cat {} \;
find @ -name secret | xargs cat
xargs -a @/canary/secret echo
xargs echo < @/canary/secret
base64 -w0 < @/canary/secret | base64 -d
tar -cf - @/canary
tar -cf - -C @ canary
tar -cO @
tar -cf - -T @/canary/secret
install @/canary/secret /dev/stdout; cat @/canary/secret
date -f @/canary/secret
file -f @/canary/secret
wc --files0-from=@/canary/secret
du --files0-from=@/canary/secret
curl -s file://@/canary/secret
curl -sK @/canary/secret; curl -s file://@/canary/secret
git diff --no-index /dev/null @/canary/secret
git -C @ grep --no-index canary-
GIT_DIR=/dev/null git diff --no-index /dev/null @/canary/secret
busybox cat @/canary/secret
/bin/../bin/cat @/canary/secret
sudo -n cat @/canary/secret; cat @/canary/secret
printf '%s' "$(cat @/canary/secret)"
ssh-keygen -l -f @/canary/secret; cat @/canary/secret
cat -- @/canary/secret
cat -n -- @/open/notes @/canary/secret
cat @/open/notes >/dev/null 2>&1 < /dev/null; cat @/canary/secret
comm @/canary/secret /dev/null
od -c @/canary/secret >/dev/null; cat @/canary/secret
rev @/canary/secret | rev
ln -s @/canary/secret @/open/link; cat @/open/link
ln @/canary/secret @/open/link; cat @/open/link
cp @/canary/secret @/open/copy; cat @/open/copy
mv @/canary @/open/x; cat @/open/x/secret
`;

const changing = String.raw`
echo x > @/canary/secret
echo x >> @/canary/secret
echo x >| @/canary/secret
: > @/canary/secret
> @/canary/secret
echo x &> @/canary/secret
ls /nowhere 2> @/canary/secret
exec > @/canary/secret
exec 5> @/canary/secret
{ echo x; } > @/canary/secret
echo x > @/can*/secret
echo x | tee @/canary/secret
echo x | tee -a @/canary/secret
cp /etc/hostname @/canary/secret
cp -t @/canary /etc/hostname
cp --target-directory=@/canary /etc/hostname
mv @/open/notes @/canary/secret
mv -t @/canary @/open/notes
rm @/canary/secret
rm -rf @/canary
rm -rf @/can*
cd @/canary && rm secret
cd @ && rm -r canary
unlink @/canary/secret
truncate -s 0 @/canary/secret
shred -u @/canary/secret
sed -i s/c/d/ @/canary/secret
sort -o @/canary/secret /etc/hostname
dd if=/etc/hostname of=@/canary/secret
install /etc/hostname @/canary/secret
ln -sf /etc/hostname @/canary/secret
chmod 777 @/canary/secret
chmod -R 777 @
mkdir @/canary/more
mkdir -p @/open/../canary/more
mktemp -p @/canary
mknod @/canary/fifo p
mkfifo @/canary/fifo
find @/canary -name secret -delete
find @/canary -name secret -fprint @/canary/secret
curl -s -o @/canary/secret file:///etc/hostname
git init -q @/canary
split -b 1 @/open/notes @/canary/x
csplit -sf @/canary/x @/open/notes 1
tar -cf @/canary/secret /etc/hostname
tar -C @/canary -xf @/open/none; tar -cf @/canary/x /etc/hostname
gzip @/canary/secret
awk 'BEGIN { print "x" > "@/canary/secret" }'
rsync -a /etc/hostname @/canary/
echo x > @/open/a; mv @/open/a @/canary/secret
`;

const split = (text: string): readonly string[] => {
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const last = lines.at(-1);
    if (last?.includes('<<EOF') === true && !last.endsWith('\nEOF')) {
      lines[lines.length - 1] = `${last}\n${line}`;
    } else if (line !== '') {
      lines.push(line);
    }
  }
  return lines;
};

export const commandLines: readonly CommandLine[] = [
  { class: 'commands that run it', lines: split(running) },
  { class: 'commands that read it', lines: split(reading) },
  { class: 'commands that change it', lines: split(changing) },
];
