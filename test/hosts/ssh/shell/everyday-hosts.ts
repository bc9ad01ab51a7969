// What people type who look after hosts: files, logs, processes, services, networks.

export const onHosts = String.raw`
ls
ls -la
ls -lah /var/log
ls -ltr /var/log | tail -20
ls *.conf
ls -d /etc/*/
ls ~/.ssh
ls -l "$HOME/bin"
pwd
cd /var/www && ls
cd /srv/app && git status
cd /srv/app && git pull && systemctl restart app
cd /tmp; ls -l
cat /etc/os-release
cat /etc/hosts /etc/resolv.conf
cat /proc/cpuinfo | grep "model name" | sort | uniq -c
cat /var/log/syslog | grep -i error | wc -l
head -n 50 /var/log/messages
tail -f /var/log/nginx/access.log
tail -n 200 /var/log/app/app.log | grep -v DEBUG
tail -100 /var/log/syslog
zcat /var/log/syslog.2.gz | grep oom
zgrep -i "out of memory" /var/log/kern.log.*.gz
grep -rn "listen" /etc/nginx/
grep -c processor /proc/cpuinfo
grep -E "error|warn" /var/log/app.log
grep -v '^#' /etc/ssh/sshd_config | grep -v '^$'
grep -i "failed password" /var/log/auth.log | awk '{print $11}' | sort | uniq -c | sort -rn | head
grep -r --include=*.py NOTE src
grep -l root /etc/*.conf
egrep -o '[0-9]+\.[0-9]+' versions.txt
wc -l *.log
wc -c /var/log/syslog
sort -u names.txt
sort -k2 -n data.txt | head -5
sort -t: -k3 -n /etc/passwd
cut -d: -f1 /etc/passwd
cut -d' ' -f1 access.log | sort | uniq -c | sort -nr | head -10
tr a-z A-Z < names.txt
tr -d '\r' < in.txt > out.txt
uniq -c sorted.txt
diff /etc/nginx/nginx.conf /etc/nginx/nginx.conf.bak
diff -u <(sort a.txt) <(sort b.txt)
comm -12 a.txt b.txt
md5sum /usr/local/bin/app
sha256sum *.tar.gz
file /usr/bin/python3
stat /etc/passwd
stat -c '%a %U %n' /etc/ssl/private
du -sh /var/*
du -sh /home/* | sort -h
du -h --max-depth=1 /var | sort -rh | head -n 10
df -h
df -i
df -h / | tail -1 | awk '{print $5}'
df -hT | grep -v tmpfs
free -m
free -h
uptime
w
who
last -n 10
id deploy
whoami
hostname
hostname -f
uname -a
uname -r
date
date -u
date +%s
date '+%Y-%m-%d %H:%M:%S'
env
printenv PATH
echo hello
echo "$USER@$(hostname)"
echo $PATH
echo "disk: $(df -h / | tail -1)"
echo $?
printf '%s\n' one two
ps aux
ps aux | grep nginx
ps aux | grep -v grep | grep java
ps -ef --sort=-%mem | head
ps -eo pid,ppid,cmd,%mem,%cpu --sort=-%cpu | head -n 15
ps -p 1 -o comm=
pgrep -fl java
pidof nginx
pstree -p
kill 1234
kill -9 1234
kill -HUP $(cat /run/nginx.pid)
kill -0 4321 && echo alive
pkill -f worker
killall -HUP rsyslogd
lsof -i :8080
lsof -p 1234
lsof +D /var/log
fuser -v 80/tcp
ss -tlnp
ss -s
netstat -tulpn
netstat -an | grep ESTABLISHED | wc -l
ip addr
ip -4 addr show eth0
ip route
ip -s link
ping -c 3 10.0.0.1
ping -c1 -W2 db-1.internal
traceroute 10.0.0.1
dig +short example.com
dig @10.0.0.2 example.com MX
nslookup example.com
host example.com
curl -s http://localhost:8080/health
curl -I https://example.com
curl -sS -o /dev/null -w '%{http_code}\n' http://localhost/
curl -fsSL https://example.com/file.tgz -o /tmp/file.tgz
curl -X POST -H 'Content-Type: application/json' -d '{"a":1}' http://localhost:9200/_search
curl -s localhost:9200/_cat/indices?v
curl -s http://localhost:8080/metrics | grep '^http_requests'
curl -sk https://127.0.0.1:6443/healthz
wget -q https://example.com/app.tar.gz
wget -O /tmp/x.html http://example.com/
nc -zv 10.0.0.5 5432
nc -z -w 2 localhost 22
openssl x509 -in /etc/ssl/certs/site.pem -noout -dates
openssl s_client -connect example.com:443 -servername example.com </dev/null
openssl version
systemctl status nginx
systemctl restart nginx
systemctl is-active nginx
systemctl --failed
systemctl list-units --type=service --state=running
systemctl list-timers --all
systemctl show -p MainPID nginx
systemctl daemon-reload && systemctl restart app
systemctl enable --now docker
sudo systemctl reload nginx
sudo systemctl stop app && sudo systemctl start app
service nginx status
sudo service postgresql restart
journalctl -u nginx --since today
journalctl -u app -n 100 --no-pager
journalctl -fu app
journalctl -p err -b
journalctl --since "1 hour ago" | grep -i oom
journalctl -k | tail
journalctl --disk-usage
sudo journalctl --vacuum-time=7d
dmesg | tail -50
dmesg -T | grep -i error
sysctl -a | grep somaxconn
sysctl vm.swappiness
sudo sysctl -w vm.swappiness=10
lsblk
lscpu
mount | grep nfs
findmnt /data
sudo mount -o remount,rw /
sudo umount /mnt/backup
cp /etc/nginx/nginx.conf /etc/nginx/nginx.conf.bak
cp -r /srv/app /srv/app.old
cp -a config{,.bak}
cp -p a.txt b.txt /tmp/
sudo cp app.service /etc/systemd/system/
mv /tmp/new.conf /etc/app/app.conf
mv app.log app.log.1
rm -f /tmp/lockfile
rm -rf /tmp/build
rm /var/log/app/*.gz
mkdir -p /srv/releases/42
mkdir -p /srv/app/{logs,tmp,data}
touch /tmp/maintenance
rmdir /tmp/empty
ln -sfn /srv/releases/42 /srv/current
readlink -f /srv/current
chmod 644 /etc/app/app.conf
chmod +x /usr/local/bin/backup.sh
chmod -R g+w /srv/shared
chown -R app:app /srv/app
sudo chown root:root /etc/cron.d/backup
find /var/log -name '*.log'
find /var/log -name '*.gz' -mtime +30 -delete
find . -type f -size +100M
find /srv -type f -newer /tmp/marker
find /tmp -type f -mtime +7 -exec rm -f {} \;
find . -name '*.py' -exec grep -l NOTE {} +
find . -name '*.pyc' -print0 | xargs -0 ls -l
find /etc -name '*.conf' | xargs grep -l ssl
find / -xdev -perm -4000 2>/dev/null
find /home -maxdepth 1 -type d
find /data -type f | wc -l
find . -name node_modules -prune -o -name '*.js' -print
xargs -n1 echo < list.txt
ls | xargs -I{} echo {}
tar czf /backup/etc.tgz /etc
tar -czf backup-$(date +%F).tar.gz /srv/app
tar xzf app.tar.gz
tar -xzf app.tar.gz -C /srv/releases/42
tar tf app.tar.gz | head
tar --exclude=node_modules -czf src.tgz src
tar cf - /srv/app | gzip > /backup/app.tgz
gzip access.log.1
gunzip dump.sql.gz
gzip -dc dump.sql.gz | head -100
zip -r site.zip site
unzip -l site.zip
unzip -o site.zip -d /srv/site
rsync -av /srv/app/ /backup/app/
rsync -avz --delete build/ deploy@web-1:/srv/app/
rsync -avz -e ssh data/ backup@10.0.0.9:/data/
rsync -a --exclude=.git ./ /srv/mirror/
scp app.jar deploy@web-1:/srv/app/
scp -r web-1:/var/log/nginx ./logs
ssh web-1 uptime
ssh deploy@web-1 'systemctl status app'
ssh -o ConnectTimeout=5 db-1 "df -h | grep data"
awk '{print $1}' access.log
awk -F: '{print $1, $3}' /etc/passwd
awk '$9 == 500 {print $7}' access.log | sort | uniq -c
awk '{s+=$1} END {print s}' numbers.txt
awk 'NR>1 {print $2}' table.txt
awk '/ERROR/ {n++} END {print n}' app.log
awk -F',' 'NR==1 || $3 > 100' data.csv
sed -n '10,20p' file.txt
sed -n '/START/,/END/p' app.log
sed -i 's/foo/bar/g' config.ini
sed -i.bak 's|/old/path|/new/path|' app.conf
sed -e 's/a/b/' -e '/^#/d' app.conf
sed '/^$/d' notes.txt
sed 's/  */ /g' table.txt | cut -d' ' -f2
sudo sed -i 's/^#Port 22/Port 2222/' /etc/ssh/sshd_config
`;
