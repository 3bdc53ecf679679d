/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "server/config.h"
#include "server/server.h"

int
main(int argc, char *argv[])
{
	struct config_arguments arguments;
	struct error err;

	if (config_parse_arguments(argc, argv, &arguments, &err) == -1) {
		fprintf(stderr, "synctalkd: %s\n", err.text);
		return 2;
	}
	switch (arguments.action) {
	case CONFIG_HELP:
		fputs(config_help(), stdout);
		return EXIT_SUCCESS;
	case CONFIG_VERSION:
		puts("synctalkd " SYNCTALK_VERSION);
		return EXIT_SUCCESS;
	case CONFIG_CHECK:
		return server_check(&arguments);
	case CONFIG_RUN:
		return server_run(&arguments);
	}
	return EXIT_FAILURE;
}
