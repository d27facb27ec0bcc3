import { stairway } from "@plaza/kit/testing/db";

stairway(new URL("./migrations/", import.meta.url));
