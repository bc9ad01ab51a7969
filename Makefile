# What a newcomer needs. Each target sets up what it depends on.

.PHONY: demo test check compiler bench fuzz

export npm_config_audit := false
export npm_config_fund := false

# A real PostgreSQL behind a real gateway, with a narrated tour; ONCE=1 ends after the tour.
demo: node_modules
	bin/sallyport demo $(if $(ONCE),--once)

test: node_modules
	lab/install.sh --tests
	npm test
	npm run test:e2e

# Types, lint, format, the arrows between rooms, dead code.
check: node_modules
	npm run check

# Rebuilds the Rego toolchain from engine/policy/compiler/*.go; needs Go. VERIFY=1 compares only.
compiler: node_modules
	npm run compiler -- $(if $(VERIFY),--check)

bench: node_modules
	npm run bench -- postgres
	npm run bench -- engine
	npm run bench -- http

fuzz: node_modules
	npm run fuzz

# Not `npm ci`: it insists on entries for platforms whose packages are not published for each version.
node_modules: package.json package-lock.json
	npm install --no-save
	touch node_modules
