/* SPDX-License-Identifier: MIT */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What is spoken to the peer. */
enum dialect {
	DIALECT_SYNCTALK, /* the protocol of docs/protocol.md */
	DIALECT_PLAIN,	  /* WebSocket; a message is its text alone */
	DIALECT_RAW	  /* the same frames without a handshake: the floor */
};

/* How receivers show what they have; checked in the end, unless NONE. */
enum confirm {
	CONFIRM_NONE,
	CONFIRM_PONG,	  /* by the pongs alone */
	CONFIRM_RECEIVED, /* ack=client, `received` */
	CONFIRM_READ	  /* `read` */
};

struct options {
	const char *mode;
	const char *host, *port;
	const char *path;   /* plain: target of the upgrade */
	const char *prefix; /* of names and groups, so that runs differ */
	const char *group;  /* fanout: "#lobby", or NULL for one of its own */
	enum dialect dialect;
	enum confirm confirm;
	bool tls, resume; /* resume: with the ticket of the first */
	pid_t pid;	      /* of the server, to measure it; 0: none */
	unsigned connections;
	unsigned in_flight;   /* closed loop: messages of a sender under way */
	double rate;	      /* open loop: messages a second; 0: closed loop */
	double seconds;	      /* measured */
	double warm_up;	      /* before that */
	unsigned size;	      /* bytes of a text */
	unsigned count;	      /* of messages a pair, handshakes, people */
};

#endif
