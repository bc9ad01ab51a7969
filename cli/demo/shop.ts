// The demo's database: a small webshop with personal columns. All people in it are invented.

export const shopDatabase = 'shop';
export const gatewayRole = 'gateway';

/** Run as superuser; everything belongs to the gateway's role. */
export const shopSetup: readonly string[] = [
  `ALTER DATABASE ${shopDatabase} OWNER TO ${gatewayRole};
   ALTER SCHEMA public OWNER TO ${gatewayRole};
   SET ROLE ${gatewayRole};
   CREATE TABLE users (
     id integer PRIMARY KEY,
     full_name text NOT NULL,
     email text NOT NULL UNIQUE,
     phone text,
     birth_date date,
     country text NOT NULL
   );
   CREATE TABLE orders (
     id integer PRIMARY KEY,
     user_id integer NOT NULL REFERENCES users,
     status text NOT NULL,
     total numeric(10, 2) NOT NULL,
     placed_on date NOT NULL
   );
   CREATE TABLE carts (id integer PRIMARY KEY, user_id integer REFERENCES users, item text);
   INSERT INTO users VALUES
     (1, 'Mary Winter', 'mary.winter@example.org', '+44 20 7946 0018', '1984-03-02', 'GB'),
     (2, 'Joan Keller', 'joan.keller@example.org', '+49 30 901820', '1991-11-23', 'DE'),
     (3, 'Omar Haddad', 'omar.haddad@example.org', '+33 1 99 00 42 10', '1979-07-14', 'FR'),
     (4, 'Lena Novak', 'lena.novak@example.org', '+420 601 123 456', '2001-01-30', 'CZ');
   INSERT INTO orders
     SELECT n, 1 + n % 4, (ARRAY['paid', 'shipped', 'returned'])[1 + n % 3], 9.90 + n * 7.35,
            DATE '2026-01-01' + n
     FROM generate_series(1, 24) AS n;
   INSERT INTO carts SELECT n, 1 + n % 4, 'lamp ' || n FROM generate_series(1, 5) AS n;`,
];

export const orderCount = 24;
export const cartCount = 5;
/** One personal value as the table holds it, and as `partial` masks it. */
export const clearEmail = 'mary.winter@example.org';
export const maskedEmail = 'm***rg';
