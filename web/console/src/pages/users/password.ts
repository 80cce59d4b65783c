/** As the API has them (`linli.access.passwords`, `linli.access.users`). */
export const LEAST_PASSWORD = 10
export const MOST_PASSWORD = 200
export const NAME = /^[a-z0-9][a-z0-9._-]{0,62}[a-z0-9]$/
