// What `swagger-ui-bundle.js` defines. Only the checker reads this file. It is not served.

declare function SwaggerUIBundle(options: Record<string, unknown>): unknown;
