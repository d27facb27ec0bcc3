import { testMigrations } from "@plaza/kit/testing/db";

testMigrations(new URL("./migrations/", import.meta.url));
