// What people type who deploy and debug: git, containers, packages, databases, loops.

export const withTools = String.raw`
git status
git log --oneline -20
git log -1 --format=%H
git diff HEAD~1
git diff --stat
git pull --rebase
git fetch --all --prune
git checkout main
git checkout -b fix/login
git branch -a
git rev-parse --short HEAD
git clone https://example.com/team/app.git
git clone git@example.com:team/app.git /srv/app
git add -A
git commit -m "Fix the login"
git push origin main
git tag -l
git stash
git reset --hard origin/main
git show HEAD:package.json
git -C /srv/app log -3
git remote -v
docker ps
docker ps -a --format '{{.Names}}: {{.Status}}'
docker images
docker logs --tail 100 -f web
docker logs web 2>&1 | grep ERROR
docker exec web ls /app
docker exec -it web cat /etc/hosts
docker exec db psql -U postgres -c 'select 1'
docker inspect web | jq '.[0].State'
docker stats --no-stream
docker restart web
docker stop web && docker rm web
docker rm -f $(docker ps -aq)
docker run --rm alpine:3 echo hi
docker run -d --name web -p 8080:80 nginx:1.25
docker pull nginx:latest
docker system df
docker system prune -af
docker compose up -d
docker compose ps
docker compose logs -f --tail=50 web
docker-compose restart web
docker compose exec web ls
kubectl get pods
kubectl get pods -n prod -o wide
kubectl get pods --all-namespaces | grep -v Running
kubectl describe pod web-0
kubectl logs -f deploy/web --tail=100
kubectl logs web-0 -c app --previous
kubectl exec web-0 -- ls /app
kubectl exec -it web-0 -n prod -- cat /etc/hosts
kubectl rollout restart deployment/web
kubectl rollout status deploy/web -n prod
kubectl scale deploy web --replicas=3
kubectl apply -f deploy.yaml
kubectl delete pod web-0
kubectl top nodes
kubectl get events --sort-by=.lastTimestamp
kubectl config current-context
helm list -A
helm status web
apt update
apt-get update && apt-get -y upgrade
sudo apt install -y nginx
apt list --upgradable
dpkg -l | grep openssl
dpkg -S /usr/bin/ssh
rpm -qa | grep kernel
yum check-update
dnf list installed
snap list
crontab -l
sudo crontab -l -u app
sudo -l
sudo -u postgres psql -c 'select version()'
sudo -u app ls /srv/app
sudo tail -n 50 /var/log/auth.log
sudo cat /etc/sudoers
sudo -i -u app whoami
su - app -c 'cd /srv/app && ls'
psql -U app -d app -c 'select count(*) from users'
psql -h db-1 -U app -At -c "select now()"
mysql -u root -e 'show processlist'
redis-cli -h 10.0.0.7 ping
redis-cli info memory
sqlite3 app.db 'select count(*) from jobs'
pg_dump -h db-1 app | gzip > /backup/app.sql.gz
mysqldump --single-transaction app > /backup/app.sql
java -version
java -jar /srv/app/app.jar
node --version
python3 --version
python3 manage.py migrate
python3 -m json.tool data.json
npm ci
npm run build
make
make install
make -j4 test
pip install requests
pip list
nginx -t
sudo nginx -t && sudo systemctl reload nginx
sudo nginx -s reload
apachectl configtest
haproxy -c -f /etc/haproxy/haproxy.cfg
postqueue -p
iptables -L -n -v
ufw status
firewall-cmd --list-all
nohup ./server --port 9000 > server.log 2>&1 &
timeout 30 ./healthcheck.sh
nice -n 19 tar czf /backup/home.tgz /home
ionice -c3 rsync -a /data/ /backup/data/
time ls -R /usr > /dev/null
watch -n 5 'df -h'
flock -n /tmp/backup.lock /usr/local/bin/backup.sh
bash deploy.sh production
sh -c 'echo $HOME'
bash -c 'ls /tmp | wc -l'
./configure --prefix=/usr/local
/usr/local/bin/backup.sh --full
command -v docker
which python3
type ls
test -f /etc/app.conf && echo present
[ -d /srv/app ] || mkdir /srv/app
[[ -f /etc/debian_version ]] && cat /etc/debian_version
if [ -f /tmp/lock ]; then echo locked; else echo free; fi
for i in 1 2 3; do echo $i; done
for i in $(seq 1 5); do curl -s http://localhost/; done
for i in {1..5}; do ping -c1 10.0.0.$i; done
for f in *.log; do gzip "$f"; done
for f in /etc/nginx/sites-enabled/*; do echo "$f"; grep server_name "$f"; done
for h in web-1 web-2 web-3; do ssh $h uptime; done
for s in nginx app; do systemctl is-active $s; done
while read -r line; do echo "$line"; done < hosts.txt
while true; do date; sleep 5; done
until curl -sf http://localhost/health; do sleep 1; done
i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done
n=$(wc -l < users.txt); echo "$n users"
LOG=/var/log/app.log; tail -n 5 $LOG
d=$(date +%F); mkdir -p /backup/$d
echo "net.core.somaxconn=1024" | sudo tee -a /etc/sysctl.conf
echo 1 > /proc/sys/net/ipv4/ip_forward
echo done >> /tmp/run.log
cat > /tmp/note.txt <<'EOF'
three lines
EOF
history | tail
jq '.items[].name' pods.json
jq -r .version package.json
base64 -d secret.txt
xxd -l 64 image.bin
tee /tmp/out.txt < in.txt
ulimit -n
umask
export LANG=C; sort names.txt
TZ=UTC date
DEBUG=1 ./run-tests.sh
dd if=/dev/zero of=/tmp/test.img bs=1M count=100
truncate -s 0 /var/log/app.log
logger -t deploy "release 42"
tree -L 2 /srv
less /var/log/syslog
vim /etc/hosts
top -b -n 1 | head -20
lsof -nP -iTCP -sTCP:LISTEN
getent passwd deploy
useradd -m -s /bin/bash deploy
usermod -aG docker deploy
passwd -l olduser
chage -l deploy
timedatectl
hostnamectl
loginctl list-sessions
locale
lsb_release -a
strings /usr/bin/app | grep version
strace -c -p 1234
tcpdump -ni eth0 port 53 -c 20
sleep 10 && echo later
(cd /srv/app && git log -1)
{ date; uptime; } >> /tmp/status.txt
ls /nonexistent 2>&1 | head -1
echo a; echo b; echo c
true && echo yes || echo no
! grep -q deploy /etc/passwd && echo missing
seq 1 10 | paste -sd+ | bc
wc -l < /etc/passwd
cmp a.bin b.bin
nl -ba script.sh | sed -n '5,9p'
column -t -s: /etc/passwd
`;
