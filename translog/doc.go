// Package translog keeps a log that nobody can change unnoticed (防篡改日志).
package translog
