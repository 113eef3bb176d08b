/// <reference path="./web.d.ts" />
/// <reference path="./streams.d.ts" />
/// <reference path="./worker.d.ts" />
/// <reference path="./objects.d.ts" />
