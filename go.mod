module flightveil

go 1.26

require (
	github.com/BurntSushi/toml v1.5.0
	github.com/google/go-cmp v0.7.0
	pgregory.net/rapid v1.2.0
)
