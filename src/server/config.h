/* SPDX-License-Identifier: MIT */
#ifndef SERVER_CONFIG_H
#define SERVER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/log.h"
#include "net/range.h"

/*
 * The configuration of synctalkd: defaults, then the file (Lua assignments
 * and nothing more), then the command line.  docs/operations.md explains each
 * option; conf/synctalkd.conf shows it with its default.
 *
 * Units are in the names: _ms, _s, _bytes; a rate is in events a second.
 * 0 in a rate or in a cap on connections means no limit, and is what
 * `--limits off` sets.
 */
#define CONFIG_LIST_MAX 32

struct config_list {
	size_t n;
	char *items[CONFIG_LIST_MAX + 1]; /* NULL behind the last */
};

enum config_auth {
	CONFIG_AUTH_OPEN,
	CONFIG_AUTH_TOKEN
};

/* Who may make an account over REST. */
enum config_registration {
	CONFIG_REGISTRATION_AUTO, /* open where a name is enough, else closed */
	CONFIG_REGISTRATION_OPEN,
	CONFIG_REGISTRATION_INVITATION, /* with a code of the operator's */
	CONFIG_REGISTRATION_CLOSED
};

enum config_store {
	CONFIG_STORE_LMDB,
	CONFIG_STORE_MEMORY
};

struct config_rate {
	double per_s;
	uint32_t burst;
};

struct config_limits {
	bool off; /* --limits off; rates and caps are then 0 already */
	/* connections */
	uint32_t address_connections;	    /* 64 */
	uint32_t address_unauthenticated;   /* 16 */
	uint32_t user_connections;	    /* 20 */
	struct config_rate address_connect; /* 2, burst 20 */
	/* events of a person */
	struct config_rate user_message;	 /* 5, burst 20 */
	struct config_rate conversation_message; /* 2, burst 10 */
	struct config_rate user_join;		 /* 1, burst 10 */
	uint32_t typing_interval_ms;		 /* 3 s; never lifted */
	uint32_t abuse_ms;   /* 10 s over a limit without a break closes */
	/* sizes */
	uint32_t header_bytes;		/* 16 KiB */
	uint32_t unauthenticated_bytes; /* 8 KiB, a message before sign-in */
	uint32_t message_bytes;		/* 64 KiB, a WebSocket message */
	uint32_t message_fragments;	/* 64 */
	/* times */
	uint32_t header_timeout_ms; /* 10 s */
	uint32_t auth_timeout_ms;   /* 10 s */
	uint32_t tls_timeout_ms;    /* 10 s: a handshake, a PROXY header */
	/* slow readers */
	uint32_t queue_soft_bytes; /* 256 KiB: catch-up waits above half */
	uint32_t queue_hard_bytes; /* 1 MiB: closed */
	uint32_t queue_stall_ms;   /* 10 s without progress: closed */
	uint32_t queue_memory_percent; /* 25: of the memory, all queues */
	/* guessing, HTTP */
	struct config_rate address_account; /* 0.02, burst 100: by name */
	struct config_rate address_request; /* 10, burst 100: HTTP */
	uint32_t body_rate;	    /* 1 KiB a second, at least */
	uint32_t lockdown_slow_ms;  /* 10 s a person and conversation */
	/* Of passwords and codes: one more try each time; 0: no limit. */
	uint32_t guess_account_ms, guess_account_burst; /* 60 s, 5 */
	uint32_t guess_address_ms, guess_address_burst; /* 3 s, 20 */

	/* people and groups */
	uint32_t group_members; /* 10,000 */
	uint32_t user_groups;	/* 500 */
	uint32_t user_devices;	/* 20 */
};

struct config_chat {
	uint32_t lobby_history;	    /* 50 messages on connect */
	uint32_t catch_up_limit;    /* 1,000 messages of a group */
	uint32_t presence_grace_ms; /* 10 s before `offline` */
	uint32_t idle_after_ms;	    /* 10 min without input */
	int64_t edit_window_s;	    /* 48 h; 0: no end */
	int64_t delete_window_s;    /* 0: no end */
	bool keep_versions;	    /* of edited and deleted messages */
};

/* Of one kind of conversation; 0: all is kept. */
struct config_retention {
	int64_t age_s;
	uint32_t messages;
};

struct config_scripts {
	uint32_t memory_bytes;	    /* 64 MiB a Lua state */
	uint32_t filter_warn_ms;    /* 5 */
	uint32_t filter_ms;	    /* 50 */
	uint32_t command_ms;	    /* 100 */
	uint32_t load_ms;	    /* 2 s */
};

struct config {
	struct config_list listen;  /* as net/endpoint.h says */
	struct config_list origins; /* "https://chat.example" */
	struct config_list hosts;   /* names allowed in Host, open auth */
	char *data;		    /* folder; "data" */
	char *scripts;		    /* the operator's folder, or NULL */
	char *admin_socket;	    /* path; in the data folder by default */
	enum config_auth auth;
	bool open_anywhere; /* open auth beyond loopback */
	bool dev;	    /* --dev: reload when a script file changes */
	enum config_store store;
	uint32_t workers; /* at least 1; as many as cores by default */
	uint32_t ping_interval_ms; /* 25 s */
	uint32_t drain_ms;	   /* 10 s */
	struct {
		enum log_level level;
		bool json;
	} log;
	/* listeners, certificates, proxies */
	char *socket_mode; /* of Unix sockets; octal: "0660" */
	struct {
		struct config_list certificates;
		struct config_list keys; /* as many, or none */
	} tls;
	struct config_list trusted_proxies; /* "10.0.0.0/8", "unix" */
	struct range trusted[CONFIG_LIST_MAX]; /* of these, the ranges */
	size_t trusted_n;
	bool trust_unix;

	/* accounts */
	struct {
		enum config_registration registration;
		int64_t access_ttl_s;	  /* 10 min */
		int64_t refresh_idle_s;	  /* 14 d */
		int64_t refresh_ttl_s;	  /* 90 d */
		int64_t refresh_grace_s;  /* 30 s */
		int64_t reset_ttl_s;	  /* 15 min */
		uint32_t password_cost;	  /* 17: auth/password.h */
		uint32_t hash_threads;	  /* 2 */
		uint32_t hash_queue;	  /* 64 */
	} accounts;

	/* the process */
	struct {
		char *user, *group; /* to become, as root; or NULL */
		bool core;	    /* core dumps, which hold secrets */
	} process;
	struct config_list metrics_from; /* "10.0.0.0/8", beside loopback */

	/* outgoing requests of scripts */
	struct {
		struct config_list allow;	  /* "https://api.example" */
		struct config_list allow_private; /* ranges */
	} http;

	/* tokens */
	struct {
		struct config_list keys; /* PEM; the first signs */
		char *secret_file; /* HS256; NULL: see server/tokens.h */
		char *issuer;	   /* NULL: none asked for */
		char *audience;	   /* NULL: none asked for */
		char *outside_issuer; /* NULL: nobody outside is trusted */
		char *outside_audience;
		char *outside_keys; /* a JWK Set, or PEM */
		char *outside_name_claim; /* "sub" */
		int64_t ttl_s;	   /* of `synctalkctl token`: 30 days */
	} token;
	struct {
		uint64_t map_size_bytes; /* 1 TiB */
		uint64_t min_free_bytes; /* 64 MiB */
		uint32_t readers;	 /* 2 threads */
	} lmdb;
	struct {
		struct config_retention direct, group, lobby;
		uint32_t sweep_ms; /* 60 s from one to the next */
	} retention;
	struct config_chat chat;
	struct config_scripts budgets;
	struct config_limits limits;
};

/* The command line of synctalkd.  Strings belong to argv. */
/* From HELP on: printed without a look at anything else. */
enum config_action {
	CONFIG_RUN,
	CONFIG_CHECK,  /* --check */
	CONFIG_HELP,   /* --help: print config_help() and exit 0 */
	CONFIG_VERSION, /* --version */
	CONFIG_OPENAPI, /* --openapi: print the document and exit 0 */
	CONFIG_ASYNCAPI /* --asyncapi */
};

struct config_arguments {
	enum config_action action;
	const char *file; /* -c; NULL: defaults */
	const char *listen[CONFIG_LIST_MAX]; /* --listen may be repeated */
	size_t listen_n;
	const char *data, *scripts, *auth, *store; /* NULL: not given */
	uint32_t workers; /* 0: not given */
	bool limits_off;
	bool log_json;
	bool dev;
};

/* -1 and ERROR_USAGE with a sentence: exit 2. */
int config_parse_arguments(int argc, char *argv[],
    struct config_arguments *arguments, struct error *err);

/* The text of --help. */
const char *config_help(void);

/*
 * Defaults, the file named in arguments, then the arguments over it.  On
 * failure -1, ERROR_CONFIG with file and line (or ERROR_USAGE, or
 * ERROR_NOMEM), and config holds nothing.  Called again, with the same
 * arguments and another struct, to reload.
 */
int config_load(const struct config_arguments *arguments,
    struct config *config, struct error *err);

/* Appends every option in force, "name = value" a line, for --check. */
void config_describe(const struct config *config, struct buf *out);

/* The mode of Unix sockets. */
unsigned config_socket_mode(const struct config *config);

/* Frees what it holds.  All zero is allowed. */
void config_free(struct config *config);

#endif
