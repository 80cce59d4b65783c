import type { Problem } from "./types"

/** What the API refused (RFC 9457), or that it could not be reached: then `code` is `unreachable`, `status` 0. */
export class ApiError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail}`)
    this.problem = problem
  }

  get code(): string {
    return this.problem.code
  }

  get status(): number {
    return this.problem.status
  }

  /** Whether trying again later may help. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

export function unreachable(detail: string): ApiError {
  return new ApiError({ type: "", title: "", status: 0, code: "unreachable", detail })
}

/** Whatever was thrown, as an ApiError. */
export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : unreachable(error instanceof Error ? error.message : String(error))
}

/** The problem that a response carries; one that is no problem document (a proxy's page) becomes one. */
export async function problemOf(response: Response): Promise<ApiError> {
  try {
    const found = (await response.json()) as Problem
    if (typeof found.code === "string") return new ApiError(found)
  } catch {
    // not JSON
  }
  const code = response.status >= 502 && response.status <= 504 ? "unreachable" : "unexpected"
  return new ApiError({ type: "", title: "", status: response.status, code, detail: response.statusText })
}
